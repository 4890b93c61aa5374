// What one incarnation of an actor acts through; after a restart the old one's timers, watches and promises are dead.

import type { ActorContext, ActorFactory, ActorRef, ReplyTo, SpawnOptions, StopReason } from "../actor.ts";
import type { Cancel, Clock, Ids, Logger, Random, World } from "../world.ts";
import { askWithin } from "./ask.ts";
import type { Cell } from "./cell.ts";
import { targetOf } from "./local-ref.ts";
import { ActorTimers } from "./timers.ts";

export class CellContext<Message> implements ActorContext<Message> {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly self: ActorRef<Message>;
  readonly timers: ActorTimers<Message>;
  readonly #cell: Cell<Message>;
  readonly #watches = new Set<Cancel>();
  #ended = false;

  constructor(cell: Cell<Message>, world: World) {
    this.#cell = cell;
    this.clock = world.clock;
    this.random = world.random;
    this.ids = world.ids;
    this.logger = world.logger;
    this.self = cell.ref;
    this.timers = new ActorTimers(world.clock, (message, ticket) => {
      if (!this.#ended) cell.put(message, ticket);
    });
  }

  spawn<Child>(name: string, factory: ActorFactory<Child>, options?: SpawnOptions): ActorRef<Child> {
    if (this.#ended || this.#cell.isEnding) {
      throw new Error(`${this.#cell.path} is being stopped: it can't spawn ${name}`);
    }
    return this.#cell.spawn(name, factory, options);
  }

  stop(ref?: ActorRef<never>): Promise<void> {
    if (ref === undefined || ref === this.self) return this.#cell.stop();
    const target = targetOf(ref);
    if (this.#cell.children.has(ref)) return target.stop();
    // One that has ended is no child any more; stopping it twice is fine, stopping a stranger is not.
    if (target.isStopped) return Promise.resolve();
    throw new Error(`${this.#cell.path} may stop its children and itself, not ${ref.path}`);
  }

  watch(ref: ActorRef<never>, message: (reason: StopReason) => Message): Cancel {
    // Assigned before the target can tell us: it does so at once when it is gone already.
    let cancelWatch: Cancel = () => undefined;
    const cancel: Cancel = () => {
      this.#watches.delete(cancel);
      cancelWatch();
    };
    this.#watches.add(cancel);
    cancelWatch = targetOf(ref).watch((reason) => {
      this.#watches.delete(cancel);
      if (!this.#ended) this.#cell.put(message(reason));
    });
    return cancel;
  }

  pipe<Value>(
    promise: Promise<Value>,
    onValue: (value: Value) => Message,
    onError: (error: Error) => Message,
  ): void {
    promise.then(
      (value) => {
        if (!this.#ended) this.#cell.put(onValue(value));
      },
      (error: unknown) => {
        if (this.#ended) return;
        this.#cell.put(onError(error instanceof Error ? error : new Error(String(error))));
      },
    );
  }

  ask<Target, Reply>(
    ref: ActorRef<Target>,
    message: (replyTo: ReplyTo<Reply>) => Target,
    timeoutMs: number,
  ): Promise<Reply> {
    return askWithin(this.clock, ref, message, timeoutMs);
  }

  end(): void {
    this.#ended = true;
    this.timers.cancelAll();
    for (const cancel of this.#watches) cancel();
  }
}
