// The bus over a NATS connection that reconnects for ever.

import { createInbox, Empty, Events, type Msg, type NatsConnection } from "nats";

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
import { startMicroService } from "../micro-service.ts";
import { checkSubject } from "../subject-check.ts";
import type { World } from "../world.ts";
import { toBusError } from "./errors.ts";
import { encodeHeaders } from "./headers.ts";
import { NatsMessage } from "./message.ts";

/** Published while disconnected: beyond it messages are dropped. */
const disconnectedBufferBytes = 1024 * 1024;
/** How long `close` waits for what was published to leave. */
const closeFlushLimitMs = 2_000;

export class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #world: World;
  readonly #inboxPrefix: string | undefined;
  readonly #listeners = new Set<(state: BusState) => void>();
  readonly #deniedListeners = new Set<(subject: string) => void>();
  #state: BusState = "connected";
  #maxPayload: number;
  #buffered = 0;

  constructor(connection: NatsConnection, world: World, inboxPrefix: string | undefined) {
    this.#connection = connection;
    this.#world = world;
    this.#inboxPrefix = inboxPrefix;
    this.#maxPayload = connection.info?.max_payload ?? 0;
    void this.#followStatus();
    void connection.closed().then((error) => {
      if (error) world.logger.error({ error }, "the NATS connection ended");
      this.#enter("closed");
    });
  }

  get state(): BusState {
    return this.#state;
  }
  get maxPayload(): number {
    return this.#maxPayload;
  }
  get serverInfo(): { readonly url: string; readonly version: string } {
    return {
      url: `nats://${this.#connection.getServer()}`,
      version: this.#connection.info?.version ?? "unknown",
    };
  }

  inbox(): string {
    return createInbox(this.#inboxPrefix);
  }

  publish(subject: string, data: Uint8Array, options?: PublishOptions): void {
    this.#send(subject, data, options?.headers, options?.reply);
  }

  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: SubscribeOptions,
  ): BusSubscription {
    return this.subscribeRaw(subject, (message) => handler(new NatsMessage(message, this.#respond)), options);
  }

  /** As `subscribe`, with the package's own messages, for the hot paths of this folder. */
  subscribeRaw(
    subject: string,
    handler: (message: Msg) => void,
    options?: SubscribeOptions,
  ): BusSubscription {
    checkSubject(subject);
    if (options?.queue !== undefined) checkSubject(options.queue);
    this.#checkOpen(`subscribing to ${subject}`);
    const subscription = this.#connection.subscribe(subject, {
      ...(options?.queue !== undefined && { queue: options.queue }),
      callback: (error, message) => {
        // What is thrown here would end the package's reading loop, and with it the connection.
        try {
          if (error) this.#world.logger.error({ subject, error }, "subscription ended by the server");
          else handler(message);
        } catch (thrown) {
          this.#world.logger.error({ subject, error: thrown }, "a bus handler failed");
        }
      },
    });
    return { subject, unsubscribe: () => subscription.unsubscribe() };
  }

  async request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusMessage> {
    return new NatsMessage(await this.requestRaw(subject, data, options), this.#respond);
  }

  async requestRaw(subject: string, data: Uint8Array, options: RequestOptions): Promise<Msg> {
    checkSubject(subject);
    this.#checkOpen(`request on ${subject}`);
    // The package would keep it and wait the whole time.
    if (this.#state !== "connected") {
      throw new BusError("Disconnected", `request on ${subject}: not sent, there is no connection to NATS`);
    }
    this.#checkSize(subject, data.length);
    try {
      return await this.#connection.request(subject, data, {
        timeout: Math.max(1, options.timeoutMs),
        ...(options.headers && { headers: encodeHeaders(options.headers) }),
      });
    } catch (error) {
      throw toBusError(error, `request on ${subject}`);
    }
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells that the server did not permit a publish on `subject`. */
  onDenied(listener: (subject: string) => void): () => void {
    this.#deniedListeners.add(listener);
    return () => this.#deniedListeners.delete(listener);
  }

  async service(definition: ServiceDefinition): Promise<ServiceHandle> {
    const handle = startMicroService(this, this.#world, definition);
    if (this.#state === "connected") await this.flush();
    return handle;
  }

  async flush(): Promise<void> {
    this.#checkOpen("flush");
    if (this.#state !== "connected")
      throw new BusError("Disconnected", "flush: there is no connection to NATS");
    try {
      await this.#connection.flush();
    } catch (error) {
      throw toBusError(error, "flush");
    }
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    if (this.#state === "connected") {
      const limit = new AbortController();
      const tooLong = this.#world.clock.sleep(closeFlushLimitMs, limit.signal).catch(() => undefined);
      await Promise.race([this.#connection.flush().catch(() => undefined), tooLong]);
      limit.abort();
    }
    await this.#connection.close();
    this.#enter("closed");
  }

  readonly #respond = (subject: string, data: Uint8Array, headers: BusHeaders | undefined): void =>
    this.#send(subject, data, headers, undefined);

  #send(subject: string, data: Uint8Array, headers: BusHeaders | undefined, reply: string | undefined): void {
    checkSubject(subject);
    if (reply !== undefined) checkSubject(reply);
    this.#checkOpen(`publish on ${subject}`);
    this.#checkSize(subject, data.length);
    if (this.#state === "disconnected") {
      if (this.#buffered + data.length > disconnectedBufferBytes) return;
      this.#buffered += data.length;
    }
    try {
      this.#connection.publish(subject, data.length === 0 ? Empty : data, {
        ...(headers && { headers: encodeHeaders(headers) }),
        ...(reply !== undefined && { reply }),
      });
    } catch (error) {
      throw toBusError(error, `publish on ${subject}`);
    }
  }

  #checkOpen(what: string): void {
    if (this.#state === "closed") throw new BusError("Closed", `${what}: the bus is closed`);
  }

  #checkSize(subject: string, bytes: number): void {
    if (bytes <= this.#maxPayload) return;
    throw new BusError(
      "TooLarge",
      `${bytes} bytes on ${subject}: the server takes at most ${this.#maxPayload} (its max_payload)`,
    );
  }

  #enter(state: BusState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.#buffered = 0;
    if (state === "connected") this.#maxPayload = this.#connection.info?.max_payload ?? this.#maxPayload;
    for (const listener of this.#listeners) {
      try {
        listener(state);
      } catch (error) {
        this.#world.logger.error({ state, error }, "a listener of the bus's state failed");
      }
    }
  }

  async #followStatus(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === Events.Disconnect) {
        this.#world.logger.warn({ server: String(status.data) }, "disconnected from NATS");
        this.#enter("disconnected");
      } else if (status.type === Events.Reconnect) {
        this.#world.logger.info({ server: String(status.data) }, "connected to NATS again");
        this.#enter("connected");
      } else if (status.type === Events.Error) {
        this.#world.logger.warn({ code: status.data, on: status.permissionContext }, "NATS reports an error");
        const context = status.permissionContext;
        if (context?.operation === "publish") for (const told of this.#deniedListeners) told(context.subject);
      }
    }
  }
}
