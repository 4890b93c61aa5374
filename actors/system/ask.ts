// Questions with a deadline, to any reference.

import { AskRefused, AskTimeout, type ActorRef, type ReplyTo } from "../actor.ts";
import type { Clock } from "../world.ts";

export function askWithin<Target, Reply>(
  clock: Clock,
  ref: ActorRef<Target>,
  message: (replyTo: ReplyTo<Reply>) => Target,
  timeoutMs: number,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () =>
      reject(new AskTimeout(`${ref.path} did not answer within ${timeoutMs} ms`)),
    );
    const replyTo: ReplyTo<Reply> = {
      reply: (value) => {
        cancel();
        resolve(value);
      },
      fail: (error) => {
        cancel();
        reject(error);
      },
    };
    if (ref.send(message(replyTo))) return;
    cancel();
    reject(new AskRefused(`${ref.path} did not take the question: it is stopped or its mailbox is full`));
  });
}
