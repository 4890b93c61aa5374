// A container's environment from its spec: values with $(VAR) references, fields of the pod, resources, config maps,
// secrets and the services of its namespace. Pure. Later entries win over earlier ones of the same name, as in
// Kubernetes.

import {
  type ConfigKind,
  type Container,
  failure,
  type Result,
  type ServiceEntry,
  success,
} from "../../protocol/mod.ts";
import type { PodConfigs } from "../configs/config-source.ts";
import { type DownwardContext, fieldValue, resourceValue } from "./downward.ts";
import { serviceVariables, type Variable } from "./service-variables.ts";

export interface EnvironmentContext extends DownwardContext {
  readonly services: Iterable<ServiceEntry>;
  readonly configs: PodConfigs;
  /** `address:port` of the cluster's DNS, for programs that can't be given a resolv.conf of their own. */
  readonly dnsServer?: string | undefined;
}
type EnvVar = NonNullable<Container["env"]>[number];

export function containerEnvironment(container: Container, context: EnvironmentContext): Result<Variable[]> {
  const { pod, services } = context;
  const result = new Map<string, string>(ownVariables(context).map(({ name, value }) => [name, value]));
  const namespace = pod.metadata?.namespace ?? "default";
  const serviceValues = new Map<string, string>();
  if (pod.spec?.enableServiceLinks !== false) {
    for (const { name, value } of serviceVariables(services, namespace)) serviceValues.set(name, value);
  }
  const sourced = sourcedVariables(container.envFrom ?? [], context);
  if (!sourced.ok) return sourced;
  for (const { name, value } of sourced.value) result.set(name, value);
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, container, context);
    if (!value.ok) return value;
    if (value.value === undefined) continue;
    const expanded = variable.valueFrom
      ? value.value
      : expand(value.value, (name) => result.get(name) ?? serviceValues.get(name));
    result.set(variable.name, expanded);
  }
  for (const [name, value] of serviceValues) if (!result.has(name)) result.set(name, value);
  return success([...result].map(([name, value]) => ({ name, value })));
}

/** What a program needs that shares its host's loopback with others: which address is its own. Everything else wins. */
function ownVariables({ pod, podIp, node, dnsServer }: EnvironmentContext): Variable[] {
  const hostname = pod.spec?.hostname || (pod.metadata?.name ?? "");
  return [
    { name: "HOSTNAME", value: pod.spec?.hostNetwork ? node : hostname },
    { name: "BERTH_NODE", value: node },
    { name: "BERTH_POD_IP", value: podIp },
    ...(dnsServer === undefined ? [] : [{ name: "BERTH_DNS", value: dnsServer }]),
  ];
}

/** `$(NAME)` becomes the value if there is one; `$$(NAME)` is the text `$(NAME)`. */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name?: string) => {
    if (name === undefined) return "$";
    return lookUp(name) ?? whole;
  });
}

function valueOf(
  variable: EnvVar,
  container: Container,
  context: EnvironmentContext,
): Result<string | undefined> {
  const from = variable.valueFrom;
  if (!from) return success(variable.value ?? "");
  if (from.fieldRef) return fieldValue(from.fieldRef.fieldPath, context);
  if (from.resourceFieldRef) return resourceValue(from.resourceFieldRef, container, context);
  if (from.configMapKeyRef) return keyValue("ConfigMap", from.configMapKeyRef, context);
  if (from.secretKeyRef) return keyValue("Secret", from.secretKeyRef, context);
  if (from.fileKeyRef?.optional) return success(undefined);
  const source = Object.keys(from).join(", ") || "nothing";
  return failure("Invalid", `env ${variable.name} takes its value from ${source}, which is not supported`);
}

/** Undefined for an optional one that is not there: the variable is left out. Never quotes a value. */
function keyValue(
  kind: ConfigKind,
  { name = "", key, optional }: { readonly name?: string; readonly key: string; readonly optional?: boolean },
  { configs }: EnvironmentContext,
): Result<string | undefined> {
  const values = configs({ kind, name });
  const value = values?.[key];
  if (value !== undefined) return success(textOf(value));
  if (optional) return success(undefined);
  if (!values) return failure("NotFound", `${kind.toLowerCase()} "${name}" not found`);
  return failure("NotFound", `couldn't find key ${key} in ${kind.toLowerCase()} "${name}"`);
}

/** Every key of the sources, in their order; later ones win. Keys that are no names of variables are passed over. */
function sourcedVariables(
  sources: NonNullable<Container["envFrom"]>,
  { configs }: EnvironmentContext,
): Result<Variable[]> {
  const variables: Variable[] = [];
  for (const { configMapRef, secretRef, prefix = "" } of sources) {
    const kind = configMapRef ? "ConfigMap" : "Secret";
    const { name = "", optional } = configMapRef ?? secretRef ?? {};
    const values = configs({ kind, name });
    if (!values && !optional) return failure("NotFound", `${kind.toLowerCase()} "${name}" not found`);
    for (const [key, value] of Object.entries(values ?? {})) {
      variables.push({ name: `${prefix}${key}`, value: textOf(value) });
    }
  }
  return success(variables);
}

/** A variable's value is text without zero bytes, as the kernel has it. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8").replaceAll("\0", "");
