// A stream in memory with the rules of JetStream that the log rests on, in the order in which the server
// applies them: the sequence guard comes first, then the look for a duplicate.

import type { AppendOutcome, AppendRequest, LogEntry, LogInfo } from "../log.ts";
import type { Clock } from "../world.ts";

const duplicateWindowMs = 2 * 60 * 1000;

interface RememberedId {
  readonly sequence: number;
  readonly at: number;
}

export class MemoryStream {
  readonly name: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  readonly #ids = new Map<string, RememberedId>();
  #entries: LogEntry[] = [];
  #firstSequence = 1;
  #bytes = 0;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  get lastSequence(): number {
    return this.#firstSequence + this.#entries.length - 1;
  }
  get firstSequence(): number {
    return this.#firstSequence;
  }

  append({ data, expectedSequence, messageId, headers }: AppendRequest): AppendOutcome {
    if (expectedSequence !== this.lastSequence) {
      return { type: "refused", message: `wrong last sequence: ${this.lastSequence} (10071)` };
    }
    const now = this.#clock.now();
    this.#forgetOldIds(now);
    const known = this.#ids.get(messageId);
    if (known) return { type: "stored", sequence: known.sequence, duplicate: true };
    const sequence = this.lastSequence + 1;
    this.#ids.set(messageId, { sequence, at: now });
    const guard = { "Nats-Expected-Last-Sequence": String(expectedSequence), "Nats-Msg-Id": messageId };
    this.#entries.push({ sequence, storedAt: now, data: data.slice(), headers: { ...headers, ...guard } });
    this.#bytes += data.length;
    for (const listener of this.#listeners) listener();
    return { type: "stored", sequence, duplicate: false };
  }

  get(sequence: number): LogEntry | undefined {
    return this.#entries[sequence - this.#firstSequence];
  }

  info(): LogInfo {
    return {
      stream: this.name,
      firstSequence: this.#firstSequence,
      lastSequence: this.lastSequence,
      messages: this.#entries.length,
      bytes: this.#bytes,
      replicas: 1,
      serverTime: this.#clock.now(),
    };
  }

  /** Tells after each append; returns what ends it. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Removes what is below this sequence, as the leader's trimming does. */
  trimBelow(sequence: number): void {
    const gone = this.#entries.splice(0, Math.max(0, sequence - this.#firstSequence));
    this.#firstSequence += gone.length;
    for (const { data } of gone) this.#bytes -= data.length;
  }

  /** Loses everything after this sequence, as a server does whose disk had not synced. */
  loseAfter(sequence: number): void {
    for (const { data, headers } of this.#entries.splice(Math.max(0, sequence - this.#firstSequence + 1))) {
      this.#bytes -= data.length;
      this.#ids.delete(headers["Nats-Msg-Id"] ?? "");
    }
  }

  #forgetOldIds(now: number): void {
    for (const [id, { at }] of this.#ids) {
      if (now - at < duplicateWindowMs) return;
      this.#ids.delete(id);
    }
  }
}
