// Lets a pod reach itself through a service: the bridge must send a packet back out of the port it came in by.
// Where bridged packets pass iptables, destination NAT happens inside the bridge, which drops such packets unless
// the port is in hairpin mode (the "hairpin-veth" mode of a Kubernetes kubelet).

import { execFile } from "node:child_process";
import { BlockList } from "node:net";
import { promisify } from "node:util";
import { withoutLink } from "../pod-link.ts";

const run = promisify(execFile);
const timeoutMs = 5000;

interface Bridge {
  readonly ifname?: string;
  readonly addr_info?: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
  }[];
}
interface Port {
  readonly ifname?: string;
  readonly linkinfo?: { readonly info_slave_data?: { readonly hairpin?: boolean } };
}

/**
 * Turns hairpin mode on at the ports of every bridge of this host whose subnet has one of these addresses. Links that
 * the agent made have it from the start.
 */
export async function allowHairpin(addresses: Iterable<string>): Promise<void> {
  const wanted = await withoutLink(addresses);
  if (wanted.length === 0) return;
  for (const bridge of await ask<Bridge>("address", "show", "type", "bridge")) {
    const range = new BlockList();
    for (const { family, local, prefixlen } of bridge.addr_info ?? []) {
      if (family === "inet") range.addSubnet(local, prefixlen);
    }
    if (!bridge.ifname || !wanted.some((address) => range.check(address))) continue;
    for (const port of await ask<Port>("-details", "link", "show", "master", bridge.ifname)) {
      if (!port.ifname || port.linkinfo?.info_slave_data?.hairpin !== false) continue;
      // A port may go away between the listing and the change: then there is nothing to enable.
      await run("ip", ["link", "set", port.ifname, "type", "bridge_slave", "hairpin", "on"], {
        timeout: timeoutMs,
      }).catch(() => undefined);
    }
  }
}

/** By netlink, not by /sys, which shows the network namespace that mounted it. */
async function ask<Row>(...args: readonly string[]): Promise<readonly Row[]> {
  const { stdout } = await run("ip", ["-json", ...args], { timeout: timeoutMs });
  return stdout.trim() === "" ? [] : (JSON.parse(stdout) as Row[]);
}
