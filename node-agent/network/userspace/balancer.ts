// Which endpoint takes the next connection. Pure but for the counter and the injected source of chance.

import type { Random } from "../../../actors/mod.ts";

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/**
 * The order in which to try the endpoints. Without affinity it starts at a random one; with affinity it is the
 * same for a client as long as its endpoint stays (highest random weight hashing, Thaler and Ravishankar 1998).
 */
export function tryOrder(
  targets: readonly Target[],
  random: Random,
  affinityKey?: string,
): readonly Target[] {
  if (targets.length < 2) return targets;
  if (affinityKey !== undefined) {
    return [...targets].sort((a, b) => weight(affinityKey, b) - weight(affinityKey, a));
  }
  const start = random.below(targets.length);
  return [...targets.slice(start), ...targets.slice(0, start)];
}

function weight(client: string, { ip, port }: Target): number {
  let hash = 0x811c9dc5;
  const text = `${client}|${ip}:${port}`;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // FNV's low bits are weak for texts that differ at the end: mix once more (murmur3's finaliser).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
