// Which config maps and secrets a pod uses: what its node has to be given, and no other node.

import type { PodSpec } from "./object.ts";

export type ConfigKind = "ConfigMap" | "Secret";
/** In the pod's own namespace. */
export interface ConfigName {
  readonly kind: ConfigKind;
  readonly name: string;
}

const known = new WeakMap<PodSpec, readonly ConfigName[]>();
const none: readonly ConfigName[] = Object.freeze([]);

/** Each once, sorted by kind and name. Specs are never changed in place, so pods of one template share the answer. */
export function configReferences(spec: PodSpec): readonly ConfigName[] {
  let found = known.get(spec);
  if (!found) known.set(spec, (found = collect(spec)));
  return found;
}

export const configKey = (namespace: string, { kind, name }: ConfigName): string =>
  `${kind}/${namespace}/${name}`;

function collect(spec: PodSpec): readonly ConfigName[] {
  const byKey = new Map<string, ConfigName>();
  const add = (kind: ConfigKind, name: string | undefined): void => {
    if (name) byKey.set(`${kind}/${name}`, { kind, name });
  };
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  for (const { env = [], envFrom = [] } of [...containers, ...initContainers, ...ephemeralContainers]) {
    for (const { valueFrom } of env) {
      add("ConfigMap", valueFrom?.configMapKeyRef?.name);
      add("Secret", valueFrom?.secretKeyRef?.name);
    }
    for (const { configMapRef, secretRef } of envFrom) {
      add("ConfigMap", configMapRef?.name);
      add("Secret", secretRef?.name);
    }
  }
  for (const { name } of spec.imagePullSecrets ?? []) add("Secret", name);
  for (const { configMap, secret, projected } of spec.volumes ?? []) {
    add("ConfigMap", configMap?.name);
    add("Secret", secret?.secretName);
    for (const source of projected?.sources ?? []) {
      add("ConfigMap", source.configMap?.name);
      add("Secret", source.secret?.name);
    }
  }
  if (byKey.size === 0) return none;
  return [...byKey].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, name]) => name);
}
