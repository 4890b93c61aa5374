// What waits for an actor: a queue with a limit for what others send, and none for its own timers and notices,
// of which it has only as many as it asked for.

import type { TimerTicket } from "./timers.ts";

export interface Envelope<Message> {
  readonly message: Message;
  /** Set for a timer's message: it's dropped if the timer was cancelled or replaced meanwhile. */
  readonly ticket: TimerTicket | undefined;
}

/** Taken slots before the array is shortened: shifting each time would copy it each time. */
const compactAfter = 1024;

export class Mailbox<Message> {
  readonly limit: number;
  #items: (Envelope<Message> | undefined)[] = [];
  #head = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  offer(message: Message): boolean {
    if (this.size >= this.limit) return false;
    this.#items.push({ message, ticket: undefined });
    return true;
  }

  put(envelope: Envelope<Message>): void {
    this.#items.push(envelope);
  }

  take(): Envelope<Message> | undefined {
    const envelope = this.#items[this.#head];
    if (envelope === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= compactAfter) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return envelope;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
