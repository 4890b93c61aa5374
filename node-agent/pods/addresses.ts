// Addresses of pods where the agent gives them out (addressing "loopback"): one each from the node's pod range.
// Nothing is stored: a sandbox knows its address, and adoption claims it again.

import { failure, type Result, success, type Uid } from "../../protocol/mod.ts";

interface Range {
  readonly first: number;
  readonly size: number;
}

export class PodAddresses {
  #range: Range | undefined;
  readonly #byPod = new Map<Uid, string>();
  readonly #taken = new Set<string>();
  /** Where the search goes on: an address just freed is used again last. */
  #next = 0;

  /**
   * CIDR notation, IPv4; a range outside 127.0.0.0/8 stands for the same one inside it, since these addresses are
   * the host's own loopback. Addresses given out before stay as they are.
   */
  setRange(cidr: string): Result<void> {
    const range = parseCidr(cidr);
    if (!range)
      return failure("Invalid", `pod range ${JSON.stringify(cidr)} is no IPv4 range such as 127.1.0.0/24`);
    if (this.#range?.first !== range.first) this.#next = 0;
    this.#range = range;
    return success(undefined);
  }

  /** The first of the range, kept for what this node itself offers to its pods. */
  get gateway(): string | undefined {
    return this.#range && addressText(this.#range.first + 1);
  }

  /** The same pod gets the same address until it is released. */
  allocate(pod: Uid): Result<string> {
    const known = this.#byPod.get(pod);
    if (known !== undefined) return success(known);
    const range = this.#range;
    if (!range)
      return failure("Unavailable", "the node has no range of pod addresses yet: it is not registered");
    // Neither the network's own address, nor the first (a gateway's), nor the broadcast address.
    const usable = range.size - 3;
    for (let tries = 0; tries < usable; tries++) {
      const address = addressText(range.first + 2 + ((this.#next + tries) % usable));
      if (this.#taken.has(address)) continue;
      this.#next = (this.#next + tries + 1) % usable;
      this.claim(pod, address);
      return success(address);
    }
    return failure("TooManyRequests", `all ${usable} pod addresses of this node are taken`);
  }

  /** An adopted pod has this address already. */
  claim(pod: Uid, address: string): void {
    if (address === "") return;
    this.#byPod.set(pod, address);
    this.#taken.add(address);
  }

  release(pod: Uid): void {
    const address = this.#byPod.get(pod);
    this.#byPod.delete(pod);
    if (address !== undefined) this.#taken.delete(address);
  }
}

const loopback = 127;

function parseCidr(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || bits < 8 || bits > 29) return undefined;
  const size = 2 ** (32 - bits);
  const address = ((loopback * 256 + b) * 256 + c) * 256 + d;
  return { first: address - (address % size), size };
}
const addressText = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
