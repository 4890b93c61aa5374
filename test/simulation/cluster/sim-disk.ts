// The disk of one host, as far as the agent's record is concerned: it may fail, and come back older or empty.

import type { RecordStore } from "../../../node-agent/host/agent-host.ts";

/** Former texts that a restored disk may come back with. */
const keptTexts = 16;

export class SimDisk implements RecordStore {
  #texts: string[] = [];
  full = false;
  readonly #isFull: () => boolean;

  /** `isFull`: what else is on it leaves no room. */
  constructor(isFull: () => boolean = () => false) {
    this.#isFull = isFull;
  }

  load(): Promise<string | undefined> {
    return Promise.resolve(this.#texts.at(-1));
  }
  save(text: string): Promise<void> {
    if (this.full || this.#isFull()) return Promise.reject(new Error("ENOSPC: no space left on device"));
    this.#texts.push(text);
    if (this.#texts.length > keptTexts) this.#texts.shift();
    return Promise.resolve();
  }

  lose(): void {
    this.#texts = [];
  }
  /** As a backup would: the last `count` texts never were. */
  goBack(count: number): void {
    this.#texts.length = Math.max(0, this.#texts.length - count);
  }
  tear(): void {
    const last = this.#texts.pop();
    if (last !== undefined) this.#texts.push(last.slice(0, last.length / 2));
  }
  heal(): void {
    this.full = false;
  }
}
