// What a runtime is asked to make of a pod as a whole: its address, names and resolver settings, its host ports.

import { BerthError, type Pod } from "../../protocol/mod.ts";
import type { SandboxSpec } from "../runtime/runtime.ts";
import { hostPorts } from "./container-spec.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { podHostname } from "./hostname.ts";
import type { PodHost } from "./pod-host.ts";
import type { PodState } from "./pod-state.ts";

export async function sandboxSpec({ host, state }: ExecutionContext, attempt: number): Promise<SandboxSpec> {
  const { pod, uid } = state;
  const { name = "", namespace = "default", labels, annotations } = pod.metadata ?? {};
  const hostNetwork = pod.spec?.hostNetwork === true;
  const dns = await host.dns?.settingsOf(pod);
  const { hostname, domain } = podHostname(pod, host.dns?.domain);
  return {
    pod: { cluster: host.cluster, node: host.node, namespace, name, uid },
    attempt,
    hostname,
    ...(domain !== undefined && { domain }),
    hostNetwork,
    hostPorts: hostPorts(pod),
    ...sandboxAddress(host, state, hostNetwork),
    labels: labels ?? {},
    annotations: annotations ?? {},
    logDirectory: host.volumes.logDirectory(uid),
    networkDirectory: host.volumes.networkDirectory(uid),
    ...(dns && { dns }),
    ...hostSettings(pod),
  };
}

function hostSettings({
  spec,
}: Pod): Pick<SandboxSpec, "hostAliases" | "hostPid" | "hostIpc" | "sharedProcesses" | "sysctls"> {
  const sysctls = (spec?.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value] as const);
  const aliases = (spec?.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, hostnames }));
  return {
    ...(aliases.length > 0 && { hostAliases: aliases }),
    ...(spec?.hostPID && { hostPid: true }),
    ...(spec?.shareProcessNamespace && { sharedProcesses: true }),
    ...(spec?.hostIPC && { hostIpc: true }),
    ...(sysctls.length > 0 && { sysctls: Object.fromEntries(sysctls) }),
  };
}

function sandboxAddress(host: PodHost, state: PodState, hostNetwork: boolean): { address?: string } {
  if (hostNetwork) return { address: host.hostIp };
  if (!host.addresses) return {};
  const address = host.addresses.allocate(state.uid);
  if (!address.ok) throw new BerthError(address.error);
  return { address: address.value };
}
