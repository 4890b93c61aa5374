// Chance and ids from the system's cryptographic source.

import { randomFillSync, randomUUID } from "node:crypto";

import { drawSuffix } from "../name-suffix.ts";
import type { Ids, Random } from "../world.ts";

/** Numbers drawn at a time: one call of the system's source is dear, a number of it is not. */
const poolSize = 1024;
const pool = new Uint32Array(poolSize);
let used = poolSize;

function nextWord(): number {
  if (used === poolSize) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}

function next(): number {
  return ((nextWord() >>> 5) * 2 ** 26 + (nextWord() >>> 6)) / 2 ** 53;
}

export const cryptoRandom: Random = {
  next,
  below: (limit) => Math.floor(next() * limit),
};

export const cryptoIds: Ids = {
  uuid: () => randomUUID(),
  suffix: (length) => drawSuffix(cryptoRandom, length),
};
