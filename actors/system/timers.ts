// An actor's timers: their messages come through its mailbox, and end with it.

import type { Timers } from "../actor.ts";
import type { Cancel, Clock } from "../world.ts";

export interface TimerTicket {
  readonly key: string;
  readonly periodic: boolean;
  cancelled: boolean;
  /** A periodic timer puts no second message behind one that still waits. */
  waiting: boolean;
}

interface ActiveTimer {
  readonly ticket: TimerTicket;
  stop: Cancel;
}

export class ActorTimers<Message> implements Timers<Message> {
  readonly #clock: Clock;
  readonly #put: (message: Message, ticket: TimerTicket) => void;
  readonly #active = new Map<string, ActiveTimer>();

  constructor(clock: Clock, put: (message: Message, ticket: TimerTicket) => void) {
    this.#clock = clock;
    this.#put = put;
  }

  once(key: string, delayMs: number, message: Message): void {
    const ticket = this.#replace(key, false);
    const stop = this.#clock.after(delayMs, () => {
      ticket.waiting = true;
      this.#put(message, ticket);
    });
    this.#active.set(key, { ticket, stop });
  }

  every(key: string, intervalMs: number, message: Message): void {
    const ticket = this.#replace(key, true);
    const timer: ActiveTimer = { ticket, stop: () => undefined };
    const arm = (): void => {
      timer.stop = this.#clock.after(intervalMs, fire);
    };
    const fire = (): void => {
      arm();
      if (ticket.waiting) return;
      ticket.waiting = true;
      this.#put(message, ticket);
    };
    arm();
    this.#active.set(key, timer);
  }

  cancel(key: string): void {
    const timer = this.#active.get(key);
    if (!timer) return;
    timer.ticket.cancelled = true;
    timer.stop();
    this.#active.delete(key);
  }

  has(key: string): boolean {
    return this.#active.has(key);
  }

  cancelAll(): void {
    for (const key of this.#active.keys()) this.cancel(key);
  }

  /** Called when the message is taken from the mailbox. False: it was cancelled meanwhile. */
  accept(ticket: TimerTicket): boolean {
    ticket.waiting = false;
    if (ticket.cancelled) return false;
    if (!ticket.periodic) this.#active.delete(ticket.key);
    return true;
  }

  #replace(key: string, periodic: boolean): TimerTicket {
    this.cancel(key);
    return { key, periodic, cancelled: false, waiting: false };
  }
}
