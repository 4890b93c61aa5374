// The engine's bridge as this host shows it: its range, its own address, its name. Undefined wherever the agent cannot
// or should not put pods on it by itself: no root, no such bridge here, IPv6, a small or divided range.

import { existsSync } from "node:fs";
import type Dockerode from "dockerode";
import { runIp } from "./ip-program.ts";

export interface Bridge {
  readonly name: string;
  readonly mtu: number;
  /** The host's own address on it: the pods' default route. */
  readonly gateway: string;
  readonly prefixLength: number;
  /** The kernel speaks IPv6, though this network does not. */
  readonly ipv6: boolean;
}

interface EngineNetwork {
  readonly Id: string;
  readonly Driver?: string;
  readonly EnableIPv6?: boolean;
  readonly Internal?: boolean;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly IPAM?: {
    readonly Config?: readonly { readonly Subnet?: string; readonly IPRange?: string }[] | null;
  };
}
interface HostLink {
  readonly mtu?: number;
  readonly addr_info?: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
  }[];
}

/** With this many addresses the upper half is out of reach for the engine: it gives out the lowest free one. */
const longestPrefix = 20;
const shortestPrefix = 8;

export async function findBridge(docker: Dockerode, network: string): Promise<Bridge | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const info: unknown = await docker.getNetwork(network).inspect();
  const { Id, Driver, EnableIPv6, Internal, Options, IPAM } = info as EngineNetwork;
  const ranges = IPAM?.Config ?? [];
  if (Driver !== "bridge" || EnableIPv6 || Internal || ranges.some(({ IPRange }) => IPRange))
    return undefined;
  const name = Options?.["com.docker.network.bridge.name"] ?? `br-${Id.slice(0, 12)}`;
  const [link] = JSON.parse(await runIp(["-json", "address", "show", "dev", name])) as readonly HostLink[];
  const addresses = (link?.addr_info ?? []).filter(({ family }) => family === "inet");
  const [address] = addresses;
  if (!link?.mtu || !address || addresses.length > 1) return undefined;
  const { local: gateway, prefixlen: prefixLength } = address;
  if (prefixLength > longestPrefix || prefixLength < shortestPrefix) return undefined;
  return { name, mtu: link.mtu, gateway, prefixLength, ipv6: existsSync("/proc/sys/net/ipv6") };
}
