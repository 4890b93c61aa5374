// Addresses that the agent gives to pods on the engine's bridge: from the upper half of its range, where the engine,
// which takes the lowest free one, never comes. Nothing is stored: a sandbox's label has its address, and the host's
// end of its link is named after it, so that no two agents of a host give out the same.

import type { Bridge } from "./bridge.ts";

export class BridgeAddresses {
  readonly #taken = new Set<string>();
  /** Where the search goes on: an address just freed is used again last. */
  #next: number;

  /** `start` tells the agents of one host apart: each begins its search somewhere else. */
  constructor(start: number) {
    this.#next = start;
  }

  /** Undefined when all are taken. */
  allocate({ gateway, prefixLength }: Pick<Bridge, "gateway" | "prefixLength">): string | undefined {
    const half = 2 ** (31 - prefixLength);
    const own = numberOf(gateway);
    const first = own - (own % (2 * half)) + half;
    // Not the last one, which is the broadcast address.
    const usable = half - 1;
    for (let tries = 0; tries < usable; tries++) {
      const place = (this.#next + tries) % usable;
      const address = textOf(first + place);
      if (address === gateway || this.#taken.has(address)) continue;
      this.#next = place + 1;
      this.#taken.add(address);
      return address;
    }
    return undefined;
  }

  take(address: string): void {
    this.#taken.add(address);
  }
  release(address: string): void {
    this.#taken.delete(address);
  }
}

const numberOf = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const partsOf = (value: number): number[] =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);
const textOf = (value: number): string => partsOf(value).join(".");
