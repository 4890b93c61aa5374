// What the outside world is to an actor: clock, timers, chance, ids, log lines. All of it is injected, so the
// whole cluster runs unchanged on virtual time from one seed. Adapters: real/ and memory/ (virtual).

/** Cancels a timer; calling it again does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Wall clock, ms since 1970; may jump. */
  now(): number;
  /** Monotonic ms from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Runs `action` once after `delayMs`. */
  after(delayMs: number, action: () => void): Cancel;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, limit). */
  below(limit: number): number;
}

export interface Ids {
  /** RFC 4122 version 4 text, for `metadata.uid`. */
  uuid(): string;
  /** `length` characters of bcdfghjklmnpqrstvwxz2456789 (no vowels), as Kubernetes draws name suffixes. */
  suffix(length: number): string;
}

/** Structured log lines, after pino's interface. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
}
