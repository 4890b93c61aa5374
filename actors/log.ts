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
  /** Error 10071: the stream's last sequence is another. */
  | { readonly type: "refused"; readonly message: string }
  /** Timed out or disconnected: stored or not, nobody knows. Settle it by sending it again. */
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
}

export interface LogReader {
  /** Resolves when the reader has delivered everything up to this sequence. */
  caughtUp(sequence: number): Promise<void>;
  stop(): Promise<void>;
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
  read(options: {
    readonly fromSequence: number;
    readonly onEntry: (entry: LogEntry) => void | Promise<void>;
    readonly onError: (error: Error) => void;
  }): LogReader;
  /** One stored entry; undefined when it was trimmed or never was. For reads only, never to settle a write. */
  get(sequence: number): Promise<LogEntry | undefined>;
}
