// A NATS server in memory: any number of clients, and streams; with faults that a test or a simulation injects.

import type { AppendRequest } from "../log.ts";
import type { Clock, World } from "../world.ts";
import { MemoryClient } from "./client.ts";
import { MemoryStream } from "./stream.ts";
import { type Route, Router } from "./router.ts";

export interface WireMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: string | undefined;
}

export type AppendFault =
  | { readonly type: "none" }
  /** The append never reaches the stream. */
  | { readonly type: "lose-request" }
  /** The stream has no leader just now: unknown, and said at once. */
  | { readonly type: "no-leader" }
  /** Stored or refused, and the writer isn't told. */
  | { readonly type: "lose-acknowledgement" }
  /** Reaches the stream so much later, behind what others sent meanwhile. */
  | { readonly type: "delay"; readonly delayMs: number };

/** Asked for each message; all may be replaced at any time. */
export interface HubFaults {
  latencyMs: (client: string, direction: "to-server" | "to-client") => number;
  /** True: the message is lost on its way to this client, without a word. */
  losesMessage: (client: string, subject: string) => boolean;
  /**
   * How a message of the bus comes to this client: undefined once and in order, as usual. Else each number is one
   * copy that comes so many ms later, past the order of others; none loses it.
   */
  copies: (client: string, subject: string) => readonly number[] | undefined;
  append: (client: string, request: AppendRequest) => AppendFault;
  /** A reader of a log hears of new entries so much later; order and completeness stay. */
  readLagMs: (client: string) => number;
}

/** The process at the client's end, where it is another than the hub's own world. */
export interface ClientOptions {
  /** For its time-outs. Default: the hub's. */
  readonly clock?: Clock;
  /** Everything that comes from the server comes through here; by default it is done at once. */
  readonly arrive?: (action: () => void) => void;
}

export interface MemoryHubOptions {
  /** Default 8 MiB. */
  readonly maxPayload?: number;
}

const defaultMaxPayload = 8 * 1024 * 1024;

export function createMemoryHub(world: World, options: MemoryHubOptions = {}): MemoryHub {
  return new MemoryHub(world, options.maxPayload ?? defaultMaxPayload);
}

export class MemoryHub {
  readonly world: World;
  readonly maxPayload: number;
  readonly faults: HubFaults = {
    latencyMs: () => 0,
    losesMessage: () => false,
    copies: () => undefined,
    append: () => ({ type: "none" }),
    readLagMs: () => 0,
  };
  readonly #router: Router<(message: WireMessage) => void>;
  readonly #streams = new Map<string, MemoryStream>();
  readonly #clients = new Set<MemoryClient>();

  constructor(world: World, maxPayload: number) {
    this.world = world;
    this.maxPayload = maxPayload;
    this.#router = new Router(world.random);
  }

  connect(name: string, options: ClientOptions = {}): MemoryClient {
    const client = new MemoryClient(this, name, options);
    this.#clients.add(client);
    return client;
  }

  /** Cuts every connection, as a server does that dies; `restore` them one by one, or all by `restoreAll`. */
  dropAll(): void {
    for (const client of this.#clients) client.drop();
  }
  restoreAll(): void {
    for (const client of this.#clients) client.restore();
  }

  // For the clients:

  forget(client: MemoryClient): void {
    this.#clients.delete(client);
  }
  addRoute(route: Route<(message: WireMessage) => void>): void {
    this.#router.add(route);
  }
  removeRoute(route: Route<(message: WireMessage) => void>): void {
    this.#router.remove(route);
  }
  /** How many it went to. */
  route(message: WireMessage): number {
    const receivers = this.#router.receivers(message.subject);
    for (const receive of receivers) receive(message);
    return receivers.length;
  }
  stream(name: string): MemoryStream | undefined {
    return this.#streams.get(name);
  }
  createStream(name: string): MemoryStream {
    const stream = this.#streams.get(name) ?? new MemoryStream(name, this.world.clock);
    this.#streams.set(name, stream);
    return stream;
  }
}
