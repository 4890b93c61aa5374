// How values of each field merge: which lists have items with an identity, and what is replaced as a whole.
// Source: the markers `+listType`, `+listMapKey` and `patchStrategy` in the types of k8s.io/api (core, apps, batch,
// autoscaling, policy, networking) and k8s.io/apimachinery, v0.37; the package with the types does not carry them.

import { type FieldType, fieldsOf } from "./field-table.ts";

export type MergeRule =
  /** Replaced as a whole. */
  | { readonly type: "atomic" }
  /** A list of single values, each there or not. */
  | { readonly type: "set" }
  /** A list whose items have an identity. */
  | {
      readonly type: "keyed";
      readonly keys: readonly string[];
      readonly item: Extract<MergeRule, { type: "fields" }>;
    }
  /** Keys of the user's choice; each value is replaced as a whole. */
  | { readonly type: "map" }
  | {
      readonly type: "fields";
      readonly typeName: string;
      /** What is one of several: a volume, a strategy. Fields that a new version leaves out are gone. */
      readonly retainsKeys: boolean;
    };

/** `Type.field` -> the keys of its items. Every list that is not here and no set is replaced as a whole. */
const listKeys: Readonly<Record<string, string>> = {
  "ObjectMeta.ownerReferences": "uid",
  "PodSpec.containers": "name",
  "PodSpec.initContainers": "name",
  "PodSpec.ephemeralContainers": "name",
  "PodSpec.volumes": "name",
  "PodSpec.imagePullSecrets": "name",
  "PodSpec.hostAliases": "ip",
  "PodSpec.topologySpreadConstraints": "topologyKey whenUnsatisfiable",
  "PodSpec.schedulingGates": "name",
  "PodStatus.conditions": "type",
  "PodSpec.resourceClaims": "name",
  "Container.ports": "containerPort protocol",
  "Container.env": "name",
  "Container.volumeMounts": "mountPath",
  "Container.volumeDevices": "devicePath",
  "EphemeralContainer.ports": "containerPort protocol",
  "EphemeralContainer.env": "name",
  "EphemeralContainer.volumeMounts": "mountPath",
  "EphemeralContainer.volumeDevices": "devicePath",
  "ResourceRequirements.claims": "name",
  "ServiceSpec.ports": "port protocol",
  "ServiceAccount.secrets": "name",
};
const sets: ReadonlySet<string> = new Set([
  "ObjectMeta.finalizers",
  "NodeSpec.podCIDRs",
  "PodFailurePolicyOnExitCodesRequirement.values",
  "Endpoint.addresses",
]);
const retainKeys: ReadonlySet<string> = new Set([
  "PodSpec.volumes",
  "PodSpec.resourceClaims",
  "DeploymentSpec.strategy",
]);
/** Keys that may be left out, with what they are then. */
const defaultKeys: Readonly<Record<string, string>> = { protocol: "TCP" };

const atomic: MergeRule = { type: "atomic" };
const known = new Map<string, MergeRule>();

export function mergeRuleOf(typeName: string, field: string): MergeRule {
  const key = `${typeName}.${field}`;
  const found = known.get(key);
  if (found) return found;
  const type = fieldsOf(typeName)?.get(field)?.type;
  const rule = type ? ruleFor(key, type) : atomic;
  known.set(key, rule);
  return rule;
}

/** An object of a kind, as a whole. */
export const mergeRuleOfKind = (kind: string): Extract<MergeRule, { type: "fields" }> => ({
  type: "fields",
  typeName: kind,
  retainsKeys: false,
});

function ruleFor(key: string, type: FieldType): MergeRule {
  const retainsKeys = retainKeys.has(key);
  if (type.type === "object") return { type: "fields", typeName: type.name, retainsKeys };
  if (type.type === "map") return { type: "map" };
  if (type.type !== "list") return atomic;
  if (sets.has(key)) return { type: "set" };
  const keys = listKeys[key];
  if (keys === undefined || type.of.type !== "object") return atomic;
  const item = { type: "fields", typeName: type.of.name, retainsKeys } as const;
  return { type: "keyed", keys: keys.split(" "), item };
}

/** The identity of an item among its list's, as `{"name":"web"}`; undefined for one that has none. */
export function itemKey(keys: readonly string[], item: unknown): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const values: [string, unknown][] = [];
  for (const key of keys) {
    const value: unknown = Reflect.get(item, key) ?? defaultKeys[key];
    if (value === undefined || value === null) return undefined;
    values.push([key, value]);
  }
  return JSON.stringify(Object.fromEntries(values));
}

/** For tests: everything that the tables name. */
export const mergeTables = { listKeys, sets, retainKeys };
