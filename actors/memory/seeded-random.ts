// Chance and ids from one seed (sfc32 by Chris Doty-Humphrey, as in PractRand): the same seed, the same run.

import { drawSuffix } from "../name-suffix.ts";
import type { Ids, Random } from "../world.ts";

const warmUpRounds = 15;

export function seededRandom(seed: number): Random {
  let a = seed >>> 0;
  let b = Math.floor(seed / 2 ** 32) >>> 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const word = (): number => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  for (let round = 0; round < warmUpRounds; round++) word();
  const next = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  return { next, below: (limit) => Math.floor(next() * limit) };
}

export function seededIds(random: Random): Ids {
  return {
    uuid: () => {
      const digits = Array.from({ length: 32 }, () => random.below(16).toString(16));
      digits[12] = "4";
      digits[16] = (8 + random.below(4)).toString(16);
      return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    },
    suffix: (length) => drawSuffix(random, length),
  };
}
