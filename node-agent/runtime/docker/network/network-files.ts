// The hosts file and the resolver settings of a pod whose network the agent makes: what the engine writes for the
// others. They lie in a folder of the pod and are mounted into each of its containers.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Mount, SandboxSpec } from "../../runtime.ts";

const hostsName = "hosts";
const resolverName = "resolv.conf";

export function hostsText(
  spec: Pick<SandboxSpec, "hostname" | "domain" | "hostAliases">,
  address: string,
): string {
  const { hostname, domain, hostAliases = [] } = spec;
  const names = domain === undefined ? hostname : `${hostname}.${domain} ${hostname}`;
  return [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "ff00::0\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
    ...hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => `${ip}\t${name}`)),
    `${address}\t${names}`,
    "",
  ].join("\n");
}

export function resolverText({ servers, searches, options }: NonNullable<SandboxSpec["dns"]>): string {
  const lines = servers.map((server) => `nameserver ${server}`);
  if (searches.length > 0) lines.unshift(`search ${searches.join(" ")}`);
  if (options.length > 0) lines.push(`options ${options.join(" ")}`);
  return `${lines.join("\n")}\n`;
}

/** In place: what is mounted already sees the change. */
export async function writeNetworkFiles(folder: string, spec: SandboxSpec, address: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, hostsName), hostsText(spec, address)),
    ...(spec.dns ? [writeFile(join(folder, resolverName), resolverText(spec.dns))] : []),
  ]);
}

/** For a container, unless it brings a file of its own for that place. */
export const networkMounts = (folder: string, mounts: readonly Mount[]): readonly Mount[] =>
  [hostsName, resolverName]
    .map((name): Mount => ({ containerPath: `/etc/${name}`, hostPath: join(folder, name), readOnly: false }))
    .filter(({ containerPath }) => !mounts.some((mount) => mount.containerPath === containerPath));
