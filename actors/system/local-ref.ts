// The reference to an actor of this process, and the way back from it to the actor, for this folder alone.

import type { ActorRef, StopReason } from "../actor.ts";
import type { Cancel } from "../world.ts";

export interface RefTarget<Message> {
  readonly path: string;
  readonly isStopped: boolean;
  offer(message: Message): boolean;
  stop(): Promise<void>;
  watch(onStopped: (reason: StopReason) => void): Cancel;
}

type Watchable = Pick<RefTarget<never>, "stop" | "watch" | "isStopped">;
const targets = new WeakMap<object, Watchable>();

export class LocalRef<Message> implements ActorRef<Message> {
  readonly path: string;
  readonly #target: RefTarget<Message>;

  constructor(target: RefTarget<Message>) {
    this.path = target.path;
    this.#target = target;
    targets.set(this, target);
  }

  send(message: Message): boolean {
    return this.#target.offer(message);
  }
}

/** Throws for a reference across the bus: who is there can't be stopped or watched from here. */
export function targetOf(ref: ActorRef<never>): Watchable {
  const target = targets.get(ref);
  if (!target) throw new Error(`${ref.path} is no actor of this process: it cannot be stopped or watched`);
  return target;
}
