// A workload that asks for it carries a hash of the config maps and secrets that its pods use in its pod template, so
// that a change of one is a change of the template. One entry for each of them, so that it can be told which changed.

import {
  type ApiObject,
  configReferences,
  type ObjectMeta,
  type PodTemplateSpec,
} from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow } from "./contract.ts";
import { canonical } from "./digest.ts";
import { shortHash } from "./template-hash.ts";

/** Set to "true" by a user on a Deployment, StatefulSet or DaemonSet. */
export const restartOnConfigChange = "berth.io/restart-on-config-change";
/** In the pod template: what its pods are made for. On the workload: what was rolled out last, reverted or not. */
export const configHashKey = "berth.io/config-hash";

export const configWorkloads: readonly string[] = ["Deployment", "StatefulSet", "DaemonSet"];

type Workload = ApiObject & { readonly spec?: { readonly template?: PodTemplateSpec } };

/** Undefined for what does not ask for it, or refers to nothing. */
export function configHashOf(state: ClusterState, value: ApiObject): string | undefined {
  const { metadata, spec } = value as Workload;
  const podSpec = followsConfigs(value) ? spec?.template?.spec : undefined;
  if (!podSpec) return undefined;
  // Other credentials for the same image are no reason to restart.
  const { imagePullSecrets: _pull, ...used } = podSpec;
  const names = configReferences(used);
  if (names.length === 0) return undefined;
  return names
    .map(({ kind, name }) => {
      const row = state.object(kind, metadata.namespace, name);
      return `${kind}/${name}=${row ? contentHash(row) : "none"}`;
    })
    .join(",");
}

export const followsConfigs = ({ kind, metadata }: ApiObject): boolean =>
  configWorkloads.includes(kind) && metadata.annotations?.[restartOnConfigChange] === "true";

const hashes = new WeakMap<ApiObject, string>();

/** Sealed texts are the same for the same value, so a secret's hash tells nothing about it. */
function contentHash({ value }: ObjectRow): string {
  let hash = hashes.get(value);
  if (hash === undefined) {
    const { data, binaryData } = value;
    hashes.set(value, (hash = shortHash(canonical([data ?? {}, binaryData ?? {}]))));
  }
  return hash;
}

/** As a user's change of the workload is stored: its template is of the configs as they are now. */
export function withConfigHash(state: ClusterState, value: ApiObject): ApiObject {
  const hash = configHashOf(state, value);
  if (hash === undefined) return value;
  const { metadata, spec } = value as Workload;
  const template = spec?.template ?? {};
  return {
    ...value,
    metadata: noted(metadata, hash),
    spec: { ...spec, template: { ...template, metadata: noted(template.metadata ?? {}, hash) } },
  };
}

const noted = (metadata: ObjectMeta, hash: string): ObjectMeta => ({
  ...metadata,
  annotations: { ...metadata.annotations, [configHashKey]: hash },
});

/** `ConfigMap/settings changed, Secret/db is gone`: what differs between two of these hashes. */
export function changedConfigs(before: string | undefined, after: string): string {
  const known = parts(before ?? "");
  const changes: string[] = [];
  for (const [name, hash] of parts(after)) {
    const old = known.get(name);
    if (old === hash) continue;
    if (hash === "none") changes.push(`${name} is gone`);
    else changes.push(`${name} ${old === "none" ? "is there" : "changed"}`);
  }
  return changes.join(", ");
}

const parts = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(",")
      .filter(Boolean)
      .map((part) => {
        const at = part.lastIndexOf("=");
        return [part.slice(0, at), part.slice(at + 1)];
      }),
  );

/** What its pods' template is marked with now, and what was rolled out last. */
export function knownConfigHashes(value: ApiObject): {
  readonly ofTemplate: string | undefined;
  readonly rolledOut: string | undefined;
} {
  const { metadata, spec } = value as Workload;
  return {
    ofTemplate: spec?.template?.metadata?.annotations?.[configHashKey],
    rolledOut: metadata.annotations?.[configHashKey],
  };
}
