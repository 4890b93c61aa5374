// Chance and ids from one seed (sfc32 by Chris Doty-Humphrey, as in PractRand): the same seed, the same run.

import { drawSuffix } from "../name-suffix.ts";
import type { Ids, Random } from "../world.ts";

const warmUpRounds = 15;
const hexDigits = "0123456789abcdef";

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
      let before = "";
      let after = "";
      for (let index = 0; index < 16; index++) before += hexDigits[random.below(16)];
      for (let index = 16; index < 32; index++) after += hexDigits[random.below(16)];
      const variant = hexDigits[8 + random.below(4)] ?? "8";
      const text = `${before.slice(0, 8)}-${before.slice(8, 12)}-4${before.slice(13)}-${variant}${after.slice(1, 4)}-${after.slice(4)}`;
      return text;
    },
    suffix: (length) => drawSuffix(random, length),
  };
}
