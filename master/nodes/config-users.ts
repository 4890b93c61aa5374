// Which pods use which config map or secret, and where each of these stands: what an assignment refers to.

import {
  configKey,
  type ConfigKind,
  type ConfigName,
  type ConfigReference,
  configReferences,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "../cluster/contract.ts";

export const isConfigKind = (kind: string): kind is ConfigKind => kind === "ConfigMap" || kind === "Secret";

/** Undefined for a pod that uses none. */
export function configsOf(state: ClusterState, row: PodRow): readonly ConfigReference[] | undefined {
  const names = configReferences(row.spec);
  if (names.length === 0) return undefined;
  return names.map(({ kind, name }) => {
    const position = state.object(kind, row.ref.namespace, name)?.position;
    return position === undefined ? { kind, name } : { kind, name, position };
  });
}

/** An index by config: a change finds its pods without a walk over the namespace. */
export class ConfigUsers {
  readonly #users = new Map<string, Set<Uid>>();
  readonly #keys = new Map<Uid, readonly string[]>();

  /** Again, when what the pod uses has changed. */
  add({ ref, spec }: PodRow): void {
    const names = configReferences(spec);
    this.remove(ref.uid);
    if (names.length === 0) return;
    const keys = names.map((name) => configKey(ref.namespace, name));
    this.#keys.set(ref.uid, keys);
    for (const key of keys) {
      const users = this.#users.get(key);
      if (users) users.add(ref.uid);
      else this.#users.set(key, new Set([ref.uid]));
    }
  }

  remove(uid: Uid): void {
    for (const key of this.#keys.get(uid) ?? []) {
      const users = this.#users.get(key);
      users?.delete(uid);
      if (users?.size === 0) this.#users.delete(key);
    }
    this.#keys.delete(uid);
  }

  of(namespace: string, config: ConfigName): Iterable<Uid> {
    return this.#users.get(configKey(namespace, config)) ?? [];
  }
}
