// A fold of its own over the accepted commits, apart from the turn's: state, history index, and those who listen.
// It reads the stream itself, so it shows nothing that the log has not accepted.

import {
  type Clock,
  type EventLog,
  type LogEntry,
  LogError,
  type Logger,
  type LogReader,
} from "../../actors/mod.ts";
import type { Commit, Position, Positioned, Sequence } from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/contract.ts";
import { createClusterState, evolve } from "../cluster/mod.ts";
import { HistoryIndex } from "../history/mod.ts";
import { type Chain, emptyChain, link, skipped } from "../journal/chain.ts";
import { type DecodeCommit, decodeCommit } from "../journal/commit-codec.ts";
import { placedEvents } from "../journal/placed-events.ts";
import { unknownEvent, whyUnknown } from "../known-events.ts";

export interface FoldListener {
  /** The state is still the one before the commit. */
  beforeCommit?(events: readonly Positioned[]): void;
  afterCommit(events: readonly Positioned[]): void;
}

/** Reads that wait for a position at the same time; beyond it they are told to come again. */
export const maxWaiting = 10_000;

interface Waiting {
  readonly isReached: () => boolean;
  readonly settle: (reached: boolean) => void;
}

export interface AcceptedFoldOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly decode?: DecodeCommit | undefined;
}

export class AcceptedFold {
  readonly state: ClusterState = createClusterState();
  readonly index = new HistoryIndex();
  readonly #options: AcceptedFoldOptions;
  readonly #listeners: FoldListener[] = [];
  readonly #waiting = new Set<Waiting>();
  #chain: Chain = emptyChain;
  #seen = 0;
  #since = 0;
  #reader: LogReader | undefined;
  readonly #failed = Promise.withResolvers<Error>();
  readonly #halted = Promise.withResolvers<string>();

  constructor(options: AcceptedFoldOptions) {
    this.#options = options;
    // Nobody reconciles here: with "all is dirty" already said, no key is marked, which costs as much as evolving.
    this.state.markAllDirty();
  }

  /** Resolves with a mistake that ended the folding. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }
  /**
   * Resolves with why this must not go on: the log has lost its tail, or holds an event that this version does not know.
   * Starting over would not help, and would make a shorter log look whole.
   */
  get halted(): Promise<string> {
    return this.#halted.promise;
  }

  get chain(): Chain {
    return this.#chain;
  }
  get position(): Position {
    return this.#chain.position;
  }

  /** Time of the first event that is held, ms since 1970; 0 before it. */
  get since(): number {
    return this.#since;
  }

  listen(listener: FoldListener): void {
    this.#listeners.push(listener);
  }

  /** Resolves when all that stood in the log at the time of the call is folded. */
  async start(): Promise<void> {
    const { log } = this.#options;
    const { lastSequence } = await log.info();
    this.#reader = log.read({
      fromSequence: 1,
      onEntry: (entry) => this.#onEntry(entry),
      onError: (error) => this.#broken(error),
    });
    await Promise.race([this.#reader.caughtUp(lastSequence), this.halted]);
  }

  async stop(): Promise<void> {
    await this.#reader?.stop();
    this.#reader = undefined;
    for (const { settle } of this.#waiting) settle(false);
  }

  /** True once everything up to `position` is folded, false when that takes longer than `timeoutMs`. */
  reaches(position: Position, timeoutMs: number): Promise<boolean> {
    return this.#waitUntil(() => this.position >= position, timeoutMs);
  }

  /** True once every message of the stream up to `sequence` was judged, and folded where it counts. */
  reachesSequence(sequence: number, timeoutMs: number): Promise<boolean> {
    return this.#waitUntil(() => this.#seen >= sequence, timeoutMs);
  }

  #waitUntil(isReached: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isReached()) return Promise.resolve(true);
    if (this.#waiting.size >= maxWaiting) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        isReached,
        settle: (reached) => {
          cancel();
          this.#waiting.delete(waiting);
          resolve(reached);
        },
      };
      const cancel = this.#options.clock.after(timeoutMs, () => waiting.settle(false));
      this.#waiting.add(waiting);
    });
  }

  #onEntry(entry: LogEntry): void {
    this.#judge(entry);
    this.#seen = entry.sequence;
    for (const waiting of this.#waiting) if (waiting.isReached()) waiting.settle(true);
  }

  #judge(entry: LogEntry): void {
    const { decode = decodeCommit } = this.#options;
    const decoded = decode(entry.data);
    if (!decoded.ok) {
      this.#skip(skipped(this.#chain), entry.sequence, decoded.error.message);
      return;
    }
    const judged = link(this.#chain, entry.sequence as Sequence, decoded.value);
    if (!judged.accepted) {
      this.#skip(judged.chain, entry.sequence, judged.reason);
      return;
    }
    const unknown = unknownEvent(decoded.value);
    if (unknown) return this.#halt(whyUnknown(unknown));
    try {
      this.#fold(decoded.value, judged.chain);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #skip(chain: Chain, sequence: number, reason: string): void {
    this.#chain = chain;
    this.#options.logger.debug({ sequence, reason }, "skipped a commit");
  }

  #fold(commit: Commit, chain: Chain): void {
    const events = placedEvents(commit);
    for (const listener of this.#listeners) listener.beforeCommit?.(events);
    for (const event of events) evolve(this.state, event);
    this.index.add(commit, chain.last);
    this.#chain = chain;
    if (this.#since === 0) this.#since = events[0]?.at ?? 0;
    for (const listener of this.#listeners) listener.afterCommit(events);
  }

  #broken(error: Error): void {
    const isLost = error instanceof LogError && (error.code === "LostTail" || error.code === "Trimmed");
    if (isLost) this.#halt(error.message);
    else this.#fail(error);
  }

  #halt(reason: string): void {
    this.#options.logger.error({ reason }, "reads show nothing newer: the log cannot be folded on");
    this.#halted.resolve(reason);
    void this.stop();
  }

  #fail(error: Error): void {
    this.#options.logger.error({ error: error.message }, "reads stopped folding the log");
    this.#failed.resolve(error);
    void this.stop();
  }
}
