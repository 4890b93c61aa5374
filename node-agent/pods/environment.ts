// A container's environment from its spec: values with $(VAR) references, fields of the pod, resources, and
// the services of its namespace. Pure. Later entries win over earlier ones of the same name, as in Kubernetes.

import {
  type Container,
  failure,
  parseBytes,
  parseCpuMilli,
  type Pod,
  parseQuantity,
  type Result,
  type ServiceEntry,
  success,
} from "../../protocol/mod.ts";
import { allContainers } from "./pod-state.ts";
import { serviceVariables, type Variable } from "./service-variables.ts";

export interface EnvironmentContext {
  readonly pod: Pod;
  readonly podIp: string;
  readonly hostIp: string;
  readonly node: string;
  /** What a limit that is not set stands for. */
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number };
  readonly services: Iterable<ServiceEntry>;
}
type EnvVar = NonNullable<Container["env"]>[number];
type ValueFrom = NonNullable<EnvVar["valueFrom"]>;

export function containerEnvironment(container: Container, context: EnvironmentContext): Result<Variable[]> {
  const { pod, services } = context;
  const result = new Map<string, string>(ownVariables(context).map(({ name, value }) => [name, value]));
  const namespace = pod.metadata?.namespace ?? "default";
  const serviceValues = new Map<string, string>();
  if (pod.spec?.enableServiceLinks !== false) {
    for (const { name, value } of serviceVariables(services, namespace)) serviceValues.set(name, value);
  }
  if (container.envFrom?.length) {
    return failure(
      "Invalid",
      `envFrom of container ${container.name} needs config maps or secrets, which this node cannot read yet`,
    );
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, container, context);
    if (!value.ok) return value;
    const expanded = variable.valueFrom
      ? value.value
      : expand(value.value, (name) => result.get(name) ?? serviceValues.get(name));
    result.set(variable.name, expanded);
  }
  for (const [name, value] of serviceValues) if (!result.has(name)) result.set(name, value);
  return success([...result].map(([name, value]) => ({ name, value })));
}

/** What a program needs that shares its host's loopback with others: which address is its own. Everything else wins. */
function ownVariables({ pod, podIp, node }: EnvironmentContext): Variable[] {
  const hostname = pod.spec?.hostname || (pod.metadata?.name ?? "");
  return [
    { name: "HOSTNAME", value: pod.spec?.hostNetwork ? node : hostname },
    { name: "BERTH_NODE", value: node },
    { name: "BERTH_POD_IP", value: podIp },
  ];
}

/** `$(NAME)` becomes the value if there is one; `$$(NAME)` is the text `$(NAME)`. */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name?: string) => {
    if (name === undefined) return "$";
    return lookUp(name) ?? whole;
  });
}

function valueOf(variable: EnvVar, container: Container, context: EnvironmentContext): Result<string> {
  const from = variable.valueFrom;
  if (!from) return success(variable.value ?? "");
  if (from.fieldRef) return fieldValue(from.fieldRef.fieldPath, context);
  if (from.resourceFieldRef) return resourceValue(from.resourceFieldRef, container, context);
  const optional = from.configMapKeyRef?.optional ?? from.secretKeyRef?.optional ?? from.fileKeyRef?.optional;
  if (optional) return success("");
  const source = Object.keys(from).join(", ") || "nothing";
  return failure(
    "Invalid",
    `env ${variable.name} takes its value from ${source}, which this node cannot read yet`,
  );
}

const keyedField = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

function fieldValue(path: string, context: EnvironmentContext): Result<string> {
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

function resourceValue(
  reference: NonNullable<ValueFrom["resourceFieldRef"]>,
  own: Container,
  context: EnvironmentContext,
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
  context: EnvironmentContext,
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
