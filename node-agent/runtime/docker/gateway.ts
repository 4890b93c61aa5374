// The address of a host in the engine's network: where its pods reach what listens on the host itself.

import type Dockerode from "dockerode";

/** Undefined for a network without one (`host`, `none`, a driver of its own). */
export async function readGateway(docker: Dockerode, network: string): Promise<string | undefined> {
  const info: unknown = await docker.getNetwork(network).inspect();
  const { Driver: driver, IPAM: ipam } = info as {
    readonly Driver?: string;
    readonly IPAM?: {
      readonly Config?: readonly { readonly Subnet?: string; readonly Gateway?: string }[] | null;
    };
  };
  if (driver !== "bridge") return undefined;
  const ranges = (ipam?.Config ?? []).filter(({ Subnet }) => Subnet?.includes(".") === true);
  const [first] = ranges;
  // An engine that has made no container yet may not tell it: it is the first of the range.
  return first?.Gateway?.split("/")[0] ?? (first?.Subnet && firstAddress(first.Subnet));
}

function firstAddress(subnet: string): string | undefined {
  const match = /^(\d+\.\d+\.\d+)\.(\d+)\//.exec(subnet);
  return match ? `${match[1]}.${Number(match[2]) + 1}` : undefined;
}
