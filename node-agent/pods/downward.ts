// What a pod's containers are told of the pod itself: its fields and its containers' resources. Pure.

import {
  type Container,
  failure,
  parseBytes,
  parseCpuMilli,
  parseQuantity,
  type Pod,
  type Result,
  success,
} from "../../protocol/mod.ts";
import { allContainers } from "./pod-state.ts";

export interface DownwardContext {
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
  readonly node: string;
  /** What a limit that is not set stands for. */
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number };
}

const keyedField = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

export function fieldValue(path: string, context: DownwardContext): Result<string> {
  const { pod, podIp, hostIp, node } = context;
  const keyed = keyedField.exec(path);
  if (keyed) {
    const [, field, key = ""] = keyed;
    const map = field === "labels" ? pod.metadata?.labels : pod.metadata?.annotations;
    return success(map?.[key] ?? "");
  }
  switch (path) {
    case "metadata.name":
      return success(pod.metadata?.name ?? "");
    case "metadata.namespace":
      return success(pod.metadata?.namespace ?? "");
    case "metadata.uid":
      return success(pod.metadata?.uid ?? "");
    case "metadata.labels":
      return success(mapText(pod.metadata?.labels));
    case "metadata.annotations":
      return success(mapText(pod.metadata?.annotations));
    case "spec.nodeName":
      return success(node);
    case "spec.serviceAccountName":
      return success(pod.spec?.serviceAccountName ?? "default");
    case "status.podIP":
    case "status.podIPs":
      return success(podIp);
    case "status.hostIP":
    case "status.hostIPs":
      return success(hostIp);
    default:
      return failure("Invalid", `fieldRef ${path} is not a field that a container can refer to`);
  }
}

/** A line `key="value"` each, sorted, escaped as Kubernetes (Go's %q) writes them. */
const mapText = (map: Readonly<Record<string, string>> = {}): string =>
  Object.entries(map)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");

export interface ResourceReference {
  readonly containerName?: string;
  readonly resource: string;
  readonly divisor?: string | number;
}

/** `own` is the container that asks; files name theirs. */
export function resourceValue(
  reference: ResourceReference,
  own: Container | undefined,
  context: DownwardContext,
): Result<string> {
  const { resource, containerName } = reference;
  const named = allContainers(context.pod).find(({ name }) => name === containerName);
  const container = containerName === undefined ? own : named;
  if (!container)
    return failure(
      "Invalid",
      `resourceFieldRef names container ${containerName}, which the pod does not have`,
    );
  const [list, kind] = resource.split(".");
  if ((list !== "limits" && list !== "requests") || (kind !== "cpu" && kind !== "memory")) {
    return failure("Invalid", `resourceFieldRef ${resource} is none of limits|requests.cpu|memory`);
  }
  const { limits, requests } = container.resources ?? {};
  const quantity = list === "limits" ? limits?.[kind] : (requests?.[kind] ?? limits?.[kind]);
  // In billionths, so that one division serves both resources.
  const amount = amountOf(quantity, kind, list, context);
  if (!amount.ok) return amount;
  const divisor = parseQuantity(reference.divisor ?? "1");
  if (!divisor.ok) return divisor;
  if (divisor.value.nano <= 0n) return success(String(amount.value / 1_000_000_000n));
  // Kubernetes rounds up: 250m with divisor 1 is 1.
  return success(String((amount.value + divisor.value.nano - 1n) / divisor.value.nano));
}

function amountOf(
  quantity: string | number | undefined,
  kind: "cpu" | "memory",
  list: "limits" | "requests",
  context: DownwardContext,
): Result<bigint> {
  const { cpuMilli, memoryBytes } = context.allocatable;
  if (quantity === undefined && list === "requests") return success(0n);
  if (kind === "cpu") {
    const milli = quantity === undefined ? success(cpuMilli) : parseCpuMilli(quantity);
    return milli.ok ? success(BigInt(milli.value) * 1_000_000n) : milli;
  }
  const size = quantity === undefined ? success(memoryBytes) : parseBytes(quantity);
  return size.ok ? success(BigInt(size.value) * 1_000_000_000n) : size;
}
