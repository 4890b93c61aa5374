// One client of the hub in memory: a bus, and a connection that a test may drop and restore.

import {
  type Bus,
  BusError,
  type BusHeaders,
  type BusMessage,
  type BusState,
  type BusSubscription,
  type PublishOptions,
  type RequestOptions,
  type ServiceDefinition,
  type ServiceHandle,
  type SubscribeOptions,
} from "../bus.ts";
import type { Connection, EventLogOptions } from "../connection.ts";
import type { EventLog } from "../log.ts";
import { startMicroService } from "../micro-service.ts";
import { checkSubject } from "../subject-check.ts";
import type { Cancel, Clock } from "../world.ts";
import { MemoryEventLog } from "./event-log.ts";
import type { ClientOptions, MemoryHub, WireMessage } from "./hub.ts";
import { Link } from "./link.ts";
import type { Route } from "./router.ts";

interface PendingRequest {
  readonly resolve: (message: BusMessage) => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimeout: Cancel;
}

/** The version that a client in memory reports: that of the server whose behaviour it copies. */
const pretendedVersion = "2.15.1";

export class MemoryClient implements Bus, Connection {
  readonly name: string;
  readonly maxPayload: number;
  readonly serverInfo = { url: "memory:", version: pretendedVersion };
  /** Of the process at this end. */
  readonly clock: Clock;
  readonly #hub: MemoryHub;
  readonly #toServer: Link;
  readonly #toClient: Link;
  readonly #routes = new Set<Route<(message: WireMessage) => void>>();
  readonly #listeners = new Set<(state: BusState) => void>();
  readonly #requests = new Map<string, PendingRequest>();
  readonly #inboxPrefix: string;
  #state: BusState = "connected";
  #inboxes = 0;

  constructor(hub: MemoryHub, name: string, options: ClientOptions = {}) {
    const { clock = hub.world.clock, arrive } = options;
    this.#hub = hub;
    this.name = name;
    this.clock = clock;
    this.maxPayload = hub.maxPayload;
    this.#toServer = new Link(hub.world.clock, () => hub.faults.latencyMs(name, "to-server"));
    this.#toClient = new Link(hub.world.clock, () => hub.faults.latencyMs(name, "to-client"), arrive);
    this.#inboxPrefix = `_INBOX.${hub.world.ids.suffix(12)}`;
    this.#addRoute(`${this.#inboxPrefix}.reply.*`, undefined, (message) => this.#onReply(message));
  }

  /** Itself: a client is the connection and the bus in one. */
  get bus(): Bus {
    return this;
  }
  get state(): BusState {
    return this.#state;
  }

  /** What the process behind it has left open: both stay bounded in one that lets go of what it no longer needs. */
  get load(): { readonly subscriptions: number; readonly requests: number } {
    return { subscriptions: this.#routes.size, requests: this.#requests.size };
  }

  /** Cuts the connection: what is on the wire is lost, in both directions. */
  drop(): void {
    if (this.#state === "connected") this.#leave("disconnected");
  }
  restore(): void {
    if (this.#state !== "disconnected") return;
    this.#enter("connected");
    for (const route of this.#routes) this.#toServer.send(() => this.#hub.addRoute(route));
  }

  /** Holds everything on the wire in this direction until `unclog`; nothing is lost but by `drop`. */
  clog(direction: "to-server" | "to-client"): void {
    (direction === "to-server" ? this.#toServer : this.#toClient).clog();
  }
  unclog(direction: "to-server" | "to-client"): void {
    (direction === "to-server" ? this.#toServer : this.#toClient).unclog();
  }

  /** The process is gone from one moment to the next. `sent`: what it had sent still reaches the server. */
  vanish({ sent }: { readonly sent: boolean }): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#toClient.cut();
    if (!sent) this.#toServer.cut();
    for (const route of this.#routes) this.#hub.removeRoute(route);
    this.#routes.clear();
    this.#hub.forget(this);
    // The log's readers let go of their stream.
    for (const listener of this.#listeners) listener("closed");
  }

  inbox(): string {
    return `${this.#inboxPrefix}.${++this.#inboxes}`;
  }

  publish(subject: string, data: Uint8Array, options?: PublishOptions): void {
    checkSubject(subject);
    if (options?.reply !== undefined) checkSubject(options.reply);
    this.#checkSendable(subject, data);
    if (this.#state !== "connected") return;
    const message = toWire(subject, data, options?.headers, options?.reply);
    this.#toServer.send(() => void this.#hub.route(message));
  }

  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: SubscribeOptions,
  ): BusSubscription {
    checkSubject(subject);
    this.#checkOpen(`subscribing to ${subject}`);
    const route = this.#addRoute(subject, options?.queue, (message) => {
      if (!this.#routes.has(route)) return;
      try {
        handler(this.#toBusMessage(message));
      } catch (error) {
        this.#hub.world.logger.error({ subject, error }, "a bus handler failed");
      }
    });
    return {
      subject,
      unsubscribe: () => {
        if (!this.#routes.delete(route) || this.#state !== "connected") return;
        this.#toServer.send(() => this.#hub.removeRoute(route));
      },
    };
  }

  async request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusMessage> {
    checkSubject(subject);
    this.#checkSendable(subject, data);
    if (this.#state !== "connected") {
      throw new BusError("Disconnected", `request on ${subject}: not sent, the connection is down`);
    }
    const reply = `${this.#inboxPrefix}.reply.${++this.#inboxes}`;
    const message = toWire(subject, data, options.headers, reply);
    return await new Promise<BusMessage>((resolve, reject) => {
      const cancelTimeout = this.clock.after(options.timeoutMs, () => {
        this.#requests.delete(reply);
        reject(new BusError("Timeout", `request on ${subject}: no answer in time`));
      });
      this.#requests.set(reply, { resolve, reject, cancelTimeout });
      this.#toServer.send(() => {
        if (this.#hub.route(message) > 0) return;
        const error = new BusError("NoResponders", `request on ${subject}: nobody listens there`);
        this.#receive(() => this.#takeRequest(reply)?.reject(error));
      });
    });
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async service(definition: ServiceDefinition): Promise<ServiceHandle> {
    return startMicroService(this, this.#hub.world, definition);
  }

  flush(): Promise<void> {
    return this.roundTrip(() => undefined, Number.POSITIVE_INFINITY);
  }

  eventLog(options: EventLogOptions): EventLog {
    return new MemoryEventLog(this.#hub, this, options.stream);
  }

  async close(): Promise<void> {
    if (this.#state === "connected") await this.flush().catch(() => undefined);
    if (this.#state === "closed") return;
    this.#leave("closed");
    this.#hub.forget(this);
  }

  /** Runs `work` at the server and brings back its result: how the log's calls travel. */
  roundTrip<Value>(work: () => Value, timeoutMs: number): Promise<Value> {
    if (this.#state !== "connected") {
      return Promise.reject(new BusError("Disconnected", "not sent: the connection is down"));
    }
    const { clock } = this;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        cancelTimeout?.();
        release();
        finish();
      };
      const fail = (error: Error): void => settle(() => reject(error));
      const cancelTimeout = Number.isFinite(timeoutMs)
        ? clock.after(timeoutMs, () => fail(new BusError("Timeout", "no answer in time")))
        : undefined;
      const release = this.onState((state) =>
        fail(new BusError("Disconnected", `the connection is ${state}; sent already`)),
      );
      this.#toServer.send(() => {
        try {
          const value = work();
          this.#receive(() => settle(() => resolve(value)));
        } catch (error) {
          const thrown = error instanceof Error ? error : new Error(String(error));
          this.#receive(() => fail(thrown));
        }
      });
    });
  }

  /** From the server to this client, unless it is gone meanwhile. */
  fromServer(arrival: () => void): void {
    if (this.#state === "connected") this.#receive(arrival);
  }
  /** News of a log, which may lag behind everything else. */
  newsFromServer(arrival: () => void): void {
    if (this.#state !== "connected") return;
    const lagMs = this.#hub.faults.readLagMs(this.name);
    if (lagMs > 0) this.#toClient.sendLate(arrival, lagMs);
    else this.#receive(arrival);
  }
  /** From this client to the server. */
  toServer(arrival: () => void): void {
    if (this.#state === "connected") this.#toServer.send(arrival);
  }

  #addRoute(
    subject: string,
    queue: string | undefined,
    handle: (message: WireMessage) => void,
  ): Route<(message: WireMessage) => void> {
    const receiver = (message: WireMessage): void => {
      const { faults } = this.#hub;
      if (faults.losesMessage(this.name, message.subject)) return;
      const copies = faults.copies(this.name, message.subject);
      if (!copies) return this.#receive(() => handle(message));
      for (const delayMs of copies) {
        this.#toClient.sendLate(() => handle(message), delayMs);
      }
    };
    const route = { subject, queue, receiver };
    this.#routes.add(route);
    if (this.#state === "connected") this.#toServer.send(() => this.#hub.addRoute(route));
    return route;
  }

  #receive(arrival: () => void): void {
    this.#toClient.send(arrival);
  }

  #leave(state: "disconnected" | "closed"): void {
    this.#toServer.cut();
    this.#toClient.cut();
    for (const route of this.#routes) this.#hub.removeRoute(route);
    this.#enter(state);
    if (state === "disconnected") return;
    for (const reply of this.#requests.keys()) {
      this.#takeRequest(reply)?.reject(new BusError("Closed", "the bus was closed"));
    }
  }

  #enter(state: BusState): void {
    this.#state = state;
    for (const listener of this.#listeners) {
      try {
        listener(state);
      } catch (error) {
        this.#hub.world.logger.error({ state, error }, "a listener of the bus's state failed");
      }
    }
  }

  #onReply(message: WireMessage): void {
    this.#takeRequest(message.subject)?.resolve(this.#toBusMessage(message));
  }

  #takeRequest(reply: string): PendingRequest | undefined {
    const request = this.#requests.get(reply);
    this.#requests.delete(reply);
    request?.cancelTimeout();
    return request;
  }

  #toBusMessage(message: WireMessage): BusMessage {
    const { subject, data, headers, reply } = message;
    return {
      subject,
      data,
      headers,
      reply,
      respond: (answer, own) => {
        if (reply !== undefined) this.publish(reply, answer, own && { headers: own });
      },
    };
  }

  #checkOpen(what: string): void {
    if (this.#state === "closed") throw new BusError("Closed", `${what}: the bus is closed`);
  }

  #checkSendable(subject: string, data: Uint8Array): void {
    this.#checkOpen(`publish on ${subject}`);
    if (data.length <= this.maxPayload) return;
    throw new BusError(
      "TooLarge",
      `${data.length} bytes on ${subject}: the hub takes at most ${this.maxPayload}`,
    );
  }
}

/** A copy, as a wire makes one: nobody can change a message that was sent. */
function toWire(
  subject: string,
  data: Uint8Array,
  headers: BusHeaders | undefined,
  reply: string | undefined,
): WireMessage {
  return { subject, data: data.slice(), headers: { ...headers }, reply };
}
