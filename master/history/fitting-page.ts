// How many of the items of an answer fit into one message; the rest is left for the next page.

import { encode } from "../../protocol/mod.ts";

/** Items that are measured to estimate the size of the rest, when they are small. */
const sampled = 16;
/** The others may be this many times as large as the sample's largest. */
const safety = 4;

/** As many items as stay below `bytes` as msgpack, at least one. */
export function fittingPage<Item>(items: readonly Item[], bytes: number): readonly Item[] {
  const sizes = items.slice(0, sampled).map((item) => encode(item).length);
  if (Math.max(0, ...sizes) * safety * items.length <= bytes) return items;
  let sum = 0;
  for (const [index, item] of items.entries()) {
    sum += sizes[index] ?? encode(item).length;
    if (sum > bytes && index > 0) return items.slice(0, index);
  }
  return items;
}
