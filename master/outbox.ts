// What a master wants to say, held until the log has accepted what it rests on: persist before you speak.

import { assertNever, type Position } from "../protocol/mod.ts";

/** Whoever waits for one answer. `abandon`: what it rested on will never be accepted. */
export interface Responder {
  respond(reply: object): void;
  abandon(): void;
}

export type Effect =
  | { readonly type: "publish"; readonly subject: string; readonly message: object }
  | { readonly type: "reply"; readonly to: Responder; readonly reply: object };

export interface Outbox {
  /** `position` is the last one that the effect's content has read; it never goes down from one call to the next. */
  add(position: Position, effect: Effect): void;
  /** Performs, in order, what rests on nothing later than `accepted`. */
  release(accepted: Position): void;
  /** Drops everything: its positions were taken back. */
  drop(): void;
  readonly size: number;
}

export function createOutbox(publish: (subject: string, message: object) => void): Outbox {
  let waiting: { readonly position: Position; readonly effect: Effect }[] = [];
  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case "publish":
        return publish(effect.subject, effect.message);
      case "reply":
        return effect.to.respond(effect.reply);
      default:
        return assertNever(effect);
    }
  };
  return {
    add: (position, effect) => {
      waiting.push({ position, effect });
    },
    release(accepted) {
      let count = 0;
      for (const { position } of waiting) {
        if (position > accepted) break;
        count++;
      }
      if (count === 0) return;
      const ready = waiting.slice(0, count);
      waiting = waiting.slice(count);
      for (const { effect } of ready) perform(effect);
    },
    drop() {
      const dropped = waiting;
      waiting = [];
      for (const { effect } of dropped) if (effect.type === "reply") effect.to.abandon();
    },
    get size() {
      return waiting.length;
    },
  };
}
