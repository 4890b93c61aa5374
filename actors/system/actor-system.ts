// The root of a tree of actors in one world.

import type { ActorFactory, ActorRef, ActorSystem, ReplyTo, SpawnOptions } from "../actor.ts";
import type { World } from "../world.ts";
import { askWithin } from "./ask.ts";
import { spawnCell } from "./cell.ts";
import { Children } from "./children.ts";
import { Dispatcher } from "./dispatcher.ts";

export function createActorSystem(name: string, world: World): ActorSystem {
  const { clock, random, ids, logger } = world;
  let resolveFailed: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    resolveFailed = resolve;
  });
  const escalate = (error: Error): void => {
    logger.error({ system: name, error }, "an actor at the top of the system failed for good");
    resolveFailed(error);
  };
  const children = new Children(`/${name}`);
  const dispatcher = new Dispatcher(clock);
  let stopping = false;
  return {
    name,
    clock,
    random,
    ids,
    logger,
    failed,
    spawn<Message>(
      child: string,
      factory: ActorFactory<Message>,
      options: SpawnOptions = {},
    ): ActorRef<Message> {
      if (stopping) throw new Error(`the system ${name} is being stopped: it can't spawn ${child}`);
      return spawnCell({ name: child, parent: { children, escalate }, factory, options, world, dispatcher });
    },
    ask<Target, Reply>(
      ref: ActorRef<Target>,
      message: (replyTo: ReplyTo<Reply>) => Target,
      timeoutMs: number,
    ): Promise<Reply> {
      return askWithin(clock, ref, message, timeoutMs);
    },
    stop: async () => {
      stopping = true;
      await children.stopAll();
    },
  };
}
