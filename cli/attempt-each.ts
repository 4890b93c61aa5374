// Does the same for several things, one after the other: what fails is told, and does not keep the others back.

import { BerthError } from "../client/mod.ts";
import { berthErrorText } from "./errors.ts";
import { exitCodes } from "./io.ts";
import type { Session } from "./session.ts";

/** Answers the exit code. What is no expected failure ends it all. */
export async function attemptEach<Item>(
  session: Session,
  items: Iterable<Item>,
  action: (item: Item) => Promise<void>,
): Promise<number> {
  let failed = false;
  for (const item of items) {
    try {
      await action(item);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      await session.err(`${berthErrorText(error)}\n`);
      failed = true;
    }
  }
  return failed ? exitCodes.failed : exitCodes.done;
}
