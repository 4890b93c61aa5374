// The story of a run: a hash over everything that happens, always; and lines for a reader, when they are asked for.

import type { Due } from "./engine/event-heap.ts";
import type { Timeline } from "./engine/timeline.ts";

/** Lines that are kept; a reader of a failure wants its end. */
const keptLines = 200_000;
/** Subjects of replies come once each. */
const rememberedWords = 4_096;

export class Trace {
  readonly #timeline: Timeline;
  readonly #print: boolean;
  readonly lines: string[] = [];
  readonly #words = new Map<string, number>();
  #low = 0x811c9dc5;
  #high = 0x1b873593;

  constructor(timeline: Timeline, print: boolean) {
    this.#timeline = timeline;
    this.#print = print;
  }

  /** Whether lines are wanted: making their text costs more than everything else. */
  get isTold(): boolean {
    return this.#print;
  }

  get hash(): string {
    return this.#high.toString(16).padStart(8, "0") + this.#low.toString(16).padStart(8, "0");
  }

  event({ at, order, owner }: Due): void {
    // Microseconds are exact enough to tell two runs apart.
    this.number(Math.floor(at * 1000) | 0);
    this.number(order);
    if (owner) this.number(owner.name.length);
  }

  number(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    this.#low ^= this.#low >>> 15;
    this.#high = Math.imul(this.#high ^ (this.#low + value), 0x85ebca6b) >>> 0;
    this.#low >>>= 0;
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index++) this.number(text.charCodeAt(index));
  }

  /** As `text`, for what comes again and again: its characters are looked at once. */
  word(text: string): void {
    let known = this.#words.get(text);
    if (known === undefined) {
      known = 0x811c9dc5;
      for (let index = 0; index < text.length; index++)
        known = Math.imul(known ^ text.charCodeAt(index), 0x01000193);
      if (this.#words.size >= rememberedWords) this.#words.clear();
      this.#words.set(text, known);
    }
    this.number(known);
  }

  bytes(data: Uint8Array): void {
    for (let index = 0; index < data.length; index++) this.number(data[index] as number);
  }

  /** `text` is called only when lines are wanted. */
  tell(who: string, text: () => string): void {
    if (!this.#print) return;
    const at = (this.#timeline.now / 1000).toFixed(6).padStart(12);
    this.lines.push(`${at} ${who.padEnd(10)} ${text()}`);
    if (this.lines.length > keptLines) this.lines.splice(0, keptLines / 4);
  }
}
