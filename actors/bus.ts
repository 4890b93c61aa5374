// The message bus as actors see it: best-effort publish and subscribe, requests with deadlines.
// Adapters: nats/ (real) and memory/ (in-process, for tests and the simulation).

export type BusHeaders = Readonly<Record<string, string>>;

export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: BusHeaders;
  /** Subject to answer on; undefined when nobody waits. */
  readonly reply: string | undefined;
  /** Publishes to `reply`; does nothing without one. */
  respond(data: Uint8Array, headers?: BusHeaders): void;
}

export interface BusSubscription {
  readonly subject: string;
  unsubscribe(): void;
}

export interface SubscribeOptions {
  /** Members of a queue share the messages. Never for mutations (a frozen member swallows its share). */
  readonly queue?: string;
}

export interface PublishOptions {
  readonly headers?: BusHeaders;
  readonly reply?: string;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly headers?: BusHeaders;
}

/** `Unsupported`: the server lacks something that Berth needs; its version or its configuration. */
export type BusErrorCode =
  | "NoResponders"
  | "Timeout"
  | "Disconnected"
  | "TooLarge"
  | "Closed"
  | "Denied"
  | "Unsupported";
/** The one error that bus calls reject with or throw. */
export class BusError extends Error {
  readonly code: BusErrorCode;
  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BusError";
    this.code = code;
  }
}

export type BusState = "connected" | "disconnected" | "closed";

/** A NATS micro service (ADR-32): visible to `nats micro ls`, `info`, `stats`. */
export interface ServiceDefinition {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly endpoints: readonly {
    readonly name: string;
    readonly subject: string;
    readonly metadata?: Readonly<Record<string, string>>;
    /** No queue group: every instance gets every message. `handled` counts it in the statistics. */
    readonly handler: (message: BusMessage) => void;
  }[];
}
export interface ServiceHandle {
  readonly id: string;
  /** Counts a handled request in the service's statistics. */
  record(endpoint: string, durationMs: number, error?: string): void;
  stop(): Promise<void>;
}

export interface Bus {
  readonly state: BusState;
  /** Largest payload in bytes. */
  readonly maxPayload: number;
  /** Where it is connected, for people. */
  readonly serverInfo: { readonly url: string; readonly version: string };
  /** A fresh subject for replies, under this connection's inbox prefix. */
  inbox(): string;
  /** Best effort. Throws BusError TooLarge or Closed; while disconnected the message is buffered or dropped. */
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void;
  /** `handler` runs for each message in order of arrival; what it throws is logged, never fatal. */
  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options?: SubscribeOptions,
  ): BusSubscription;
  /** Rejects with BusError: NoResponders (within ms when nobody listens), Timeout, Disconnected (at once, unsent). */
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<BusMessage>;
  onState(listener: (state: BusState) => void): () => void;
  service(definition: ServiceDefinition): Promise<ServiceHandle>;
  /** Resolves when everything published so far has reached the server. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
