// The log as the journal sees it: one stream, guarded appends, ordered reading.
// Adapters: nats/ (JetStream) and memory/ (with the same edge cases: pipelining, refusals, unknown outcomes).

export interface AppendRequest {
  readonly data: Uint8Array;
  /** The stream's last sequence that this append expects (`Nats-Expected-Last-Sequence`). */
  readonly expectedSequence: number;
  /** `Nats-Msg-Id`: resending the same bytes under the same id is settled, not stored twice. */
  readonly messageId: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export type AppendOutcome =
  /** Stored; `duplicate` when an earlier try with this id was. */
  | { readonly type: "stored"; readonly sequence: number; readonly duplicate: boolean }
  /**
   * Error 10071: the stream's last sequence is another. This very call stored nothing; but of a resend it may also
   * mean that an earlier try was stored: nats-server 2.15 answers the same bytes sent again with `refused` on a
   * stream of one replica (it looks at the sequence first), and with `duplicate` on three. Read on to see who won.
   */
  | { readonly type: "refused"; readonly message: string }
  /**
   * Timed out, disconnected, or the stream has no leader just now, which is said within a millisecond: stored or
   * not, nobody knows. Settle it by sending it again, with a pause in between.
   */
  | { readonly type: "unknown"; readonly message: string }
  /** The stream is full, missing or not permitted; nothing was stored. */
  | { readonly type: "failed"; readonly message: string };

export interface LogEntry {
  readonly sequence: number;
  /** Server's time of storing, ms since 1970. */
  readonly storedAt: number;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LogInfo {
  readonly stream: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly messages: number;
  readonly bytes: number;
  readonly replicas: number;
  /** Server's clock when it answered, ms since 1970; absent where the server does not say. */
  readonly serverTime?: number;
}

export interface LogReader {
  /** Resolves when the reader has delivered everything up to this sequence. */
  caughtUp(sequence: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ReadOptions {
  readonly fromSequence: number;
  readonly onEntry: (entry: LogEntry) => void | Promise<void>;
  readonly onError: (error: Error) => void;
}

export interface EventLog {
  readonly name: string;
  /** Creates the stream if absent (file storage, discard new, one or three replicas) and compares the configuration that comes back. */
  ensure(options: { readonly replicas: number; readonly maxBytes?: number }): Promise<LogInfo>;
  info(): Promise<LogInfo>;
  /** Never retries by itself. Calls may be pipelined: they reach the server in the order of the calls. */
  append(request: AppendRequest): Promise<AppendOutcome>;
  /**
   * Delivers entries from `fromSequence` on, in order, without gaps or doubles across reconnects.
   * `onEntry` may return a promise to apply back-pressure. `onError` gets what ends the reader.
   */
  read(options: ReadOptions): LogReader;
  /** One stored entry; undefined when it was trimmed or never was. For reads only, never to settle a write. */
  get(sequence: number): Promise<LogEntry | undefined>;
}

export type LogErrorCode =
  /** The stream exists with a configuration that Berth cannot trust. */
  | "Misconfigured"
  | "StreamMissing"
  /** What the reader needs next was removed already: start from a newer checkpoint. */
  | "Trimmed"
  /** The stream ends before what was read from it, or is another one: writes were lost. */
  | "LostTail"
  | "Closed";

/** What `ensure` rejects with and what ends a reader. */
export class LogError extends Error {
  readonly code: LogErrorCode;
  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LogError";
    this.code = code;
  }
}
