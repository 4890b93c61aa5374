// Reads events back from the log by position. Commits are kept decoded for a while, because what is asked for
// together was mostly written together.

import type { EventLog } from "../../actors/mod.ts";
import type { Commit, Position, Positioned, Sequence } from "../../protocol/mod.ts";
import { decodeCommit } from "../journal/mod.ts";
import type { HistoryIndex } from "./history-index.ts";

/** Decoded commits kept; the least recently used one goes first. */
export const cachedCommits = 64;
/** Commits read from the log at the same time. */
const readsInParallel = 8;

export class EventReader {
  readonly #log: Pick<EventLog, "get">;
  readonly #index: HistoryIndex;
  readonly #commits = new Map<Sequence, Commit>();

  constructor(log: Pick<EventLog, "get">, index: HistoryIndex) {
    this.#log = log;
    this.#index = index;
  }

  /** Undefined when the event was trimmed or never was. */
  async get(position: Position): Promise<Positioned | undefined> {
    const sequence = this.#index.sequenceOf(position);
    const commit = sequence === undefined ? undefined : await this.#commit(sequence);
    const event = commit?.events[position - commit.firstPosition];
    return event && { ...event, position };
  }

  /** In the order of `positions`, without those that were trimmed. */
  async getAll(positions: readonly Position[]): Promise<readonly Positioned[]> {
    const events: Positioned[] = [];
    for (let from = 0; from < positions.length; ) {
      const sequences = new Set<Sequence>();
      let to = from;
      for (; to < positions.length; to++) {
        const sequence = this.#index.sequenceOf(positions[to] as Position);
        if (sequence === undefined || sequences.has(sequence)) continue;
        if (sequences.size === readsInParallel) break;
        sequences.add(sequence);
      }
      await Promise.all([...sequences].map((sequence) => this.#commit(sequence)));
      for (const position of positions.slice(from, to)) {
        const event = await this.get(position);
        if (event) events.push(event);
      }
      from = to;
    }
    return events;
  }

  async #commit(sequence: Sequence): Promise<Commit | undefined> {
    const cached = this.#commits.get(sequence);
    if (cached) {
      this.#commits.delete(sequence);
      this.#commits.set(sequence, cached);
      return cached;
    }
    const entry = await this.#log.get(sequence);
    const commit = entry && decodeCommit(entry.data);
    if (!commit?.ok) return undefined;
    this.#commits.set(sequence, commit.value);
    for (const oldest of this.#commits.keys()) {
      if (this.#commits.size <= cachedCommits) break;
      this.#commits.delete(oldest);
    }
    return commit.value;
  }
}
