// From a container of a pod's spec to what a runtime is asked to make. Pure.

import {
  type Container,
  failure,
  parseBytes,
  parseCpuMilli,
  type Pod,
  type Result,
  success,
} from "../../protocol/mod.ts";
import type { ContainerId, ContainerSpec, Mount, PortMapping } from "../runtime/runtime.ts";
import { containerEnvironment, type EnvironmentContext, expand } from "./environment.ts";
import { mainContainers } from "./pod-state.ts";
import { containerSecurity } from "./security.ts";

export interface ContainerSpecContext extends EnvironmentContext {
  readonly attempt: number;
  /** An ephemeral container sees the processes of this one. */
  readonly target?: ContainerId | undefined;
  /** Host path of each prepared volume of the pod. */
  readonly volumes: Readonly<Record<string, string>>;
}

/** A mount whose part of the volume has yet to be found. */
export interface PlannedMount extends Mount {
  /** Name of the pod's volume. */
  readonly volume: string;
  readonly subPath?: string;
}
export interface PlannedContainer extends ContainerSpec {
  readonly mounts: readonly PlannedMount[];
}

export function containerSpec(container: Container, context: ContainerSpecContext): Result<PlannedContainer> {
  const { pod, attempt } = context;
  const environment = containerEnvironment(container, context);
  if (!environment.ok) return environment;
  const resources = containerResources(container);
  if (!resources.ok) return resources;
  const security = containerSecurity(container, pod);
  if (!security.ok) return security;
  const values = new Map(environment.value.map(({ name, value }) => [name, value]));
  const mounts = containerMounts(container, context.volumes, values);
  if (!mounts.ok) return mounts;
  const expandAll = (texts: readonly string[] | undefined): string[] =>
    (texts ?? []).map((text) => expand(text, (name) => values.get(name)));
  return success({
    name: container.name,
    attempt,
    image: container.image ?? "",
    command: expandAll(container.command),
    args: expandAll(container.args),
    ...(container.workingDir && { workingDirectory: container.workingDir }),
    environment: environment.value,
    mounts: mounts.value,
    resources: resources.value,
    tty: container.tty === true,
    stdin: container.stdin === true,
    ...(container.stdinOnce && { stdinOnce: true }),
    ...(security.value && { security: security.value }),
    ...(context.target === undefined ? processNamespace(pod) : { processes: { of: context.target } }),
    ...(pod.spec?.hostIPC && { hostIpc: true }),
    ...(container.lifecycle?.stopSignal && { stopSignal: container.lifecycle.stopSignal }),
  });
}

function containerMounts(
  container: Container,
  volumes: Readonly<Record<string, string>>,
  environment: ReadonlyMap<string, string>,
): Result<PlannedMount[]> {
  const mounts: PlannedMount[] = [];
  for (const { name, mountPath, readOnly, subPath, subPathExpr } of container.volumeMounts ?? []) {
    const hostPath = volumes[name];
    if (hostPath === undefined) return failure("Invalid", `volume mount ${name} names no volume of the pod`);
    const part = subPathExpr ? expand(subPathExpr, (variable) => environment.get(variable)) : subPath;
    if (subPathExpr && part?.includes("$(")) {
      return failure(
        "Invalid",
        `volume mount ${name}: subPathExpr ${subPathExpr} names a variable that is not there`,
      );
    }
    const mount = { volume: name, containerPath: mountPath, hostPath, readOnly: readOnly === true };
    mounts.push(part ? { ...mount, subPath: part } : mount);
  }
  return success(mounts);
}

function containerResources(container: Container): Result<ContainerSpec["resources"]> {
  const { requests, limits } = container.resources ?? {};
  const cpuLimit = limits?.["cpu"] === undefined ? success(undefined) : parseCpuMilli(limits["cpu"]);
  if (!cpuLimit.ok) return cpuLimit;
  const memoryLimit = limits?.["memory"] === undefined ? success(undefined) : parseBytes(limits["memory"]);
  if (!memoryLimit.ok) return memoryLimit;
  const request = requests?.["cpu"] ?? limits?.["cpu"];
  const cpuRequest = request === undefined ? success(undefined) : parseCpuMilli(request);
  if (!cpuRequest.ok) return cpuRequest;
  return success({
    ...(cpuRequest.value !== undefined && { cpuRequestMilli: cpuRequest.value }),
    ...(cpuLimit.value !== undefined && { cpuLimitMilli: cpuLimit.value }),
    ...(memoryLimit.value !== undefined && { memoryLimitBytes: memoryLimit.value }),
  });
}

function processNamespace({ spec }: Pod): Pick<ContainerSpec, "processes"> {
  if (spec?.hostPID) return { processes: "host" };
  return spec?.shareProcessNamespace ? { processes: "pod" } : {};
}

/** Host ports of all main containers, for the sandbox. With the host's network every port is a host port already. */
export function hostPorts(pod: Pod): PortMapping[] {
  if (pod.spec?.hostNetwork) return [];
  const ports = mainContainers(pod).flatMap((container) => container.ports ?? []);
  return ports.flatMap(({ containerPort, hostPort, hostIP, protocol }) =>
    hostPort === undefined || hostPort === 0
      ? []
      : [
          {
            containerPort,
            hostPort,
            ...(hostIP && { hostIp: hostIP }),
            protocol: protocol === "UDP" ? "UDP" : "TCP",
          },
        ],
  );
}

export type PullPolicy = "Always" | "IfNotPresent" | "Never";

/** As Kubernetes defaults it: Always for `:latest` or no tag, else IfNotPresent. */
export function pullPolicy(container: Container): PullPolicy {
  if (container.imagePullPolicy) return container.imagePullPolicy;
  const image = container.image ?? "";
  const last = image.slice(image.lastIndexOf("/") + 1);
  if (last.includes("@")) return "IfNotPresent";
  return !last.includes(":") || last.endsWith(":latest") ? "Always" : "IfNotPresent";
}
