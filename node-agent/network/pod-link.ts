// The host's end of a link that the agent makes for a pod: its name follows from the pod's address, and it is in
// hairpin mode from the start, so that the pod can reach itself through a service.

import { readFile } from "node:fs/promises";

/** At most 15 characters, as the kernel has it. */
export const linkName = (address: string): string => `berth${hexOf(address, "")}`;
/** As Docker does it: an address that goes to another pod brings its neighbours no stale entry. */
export const hardwareAddress = (address: string): string => `02:42:${hexOf(address, ":")}`;

const hexOf = (address: string, between: string): string =>
  address
    .split(".")
    .map((part) => Number(part).toString(16).padStart(2, "0"))
    .join(between);

/** Those of these addresses that have no such link on this host. */
export async function withoutLink(addresses: Iterable<string>): Promise<readonly string[]> {
  const devices = await readFile("/proc/self/net/dev", "utf8").catch(() => "");
  const names = new Set(devices.split("\n").map((line) => line.split(":")[0]?.trim()));
  return [...addresses].filter((address) => !names.has(linkName(address)));
}
