// The real world in one piece: the machine's clock, chance and ids, and a logger of the caller's choice.

import type { Logger, World } from "../world.ts";
import { cryptoIds, cryptoRandom } from "./crypto-random.ts";
import { systemClock } from "./system-clock.ts";

export function createSystemWorld(logger: Logger): World {
  return { clock: systemClock, random: cryptoRandom, ids: cryptoIds, logger };
}
