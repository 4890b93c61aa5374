// The pods of a stateful set by their ordinals, and what each of them is.

import { fencingAnnotation, type PodMember, statefulPodNameLabel, type Uid } from "../../protocol/mod.ts";
import {
  type ClusterState,
  type ObjectRow,
  type PodRow,
  podIndexLabel,
  revisionHashLabel,
  selectorPredicate,
  type StatefulSetSpec,
} from "../cluster/mod.ts";
import { memberClaims } from "./claim-templates.ts";

export interface StatefulPods {
  /** By index: the pod of ordinal `start + index`, if it is there. */
  readonly replicas: readonly (PodRow | undefined)[];
  /** Beyond the replicas, highest ordinal first. */
  readonly condemned: readonly PodRow[];
  /** Owned, but no longer selected. */
  readonly strangers: readonly PodRow[];
  /** Nobody's, of the right name and labels. */
  readonly orphans: readonly PodRow[];
  readonly all: readonly PodRow[];
}

/** Undefined for a name that is not one of this set's. */
export function ordinalOf(set: string, pod: string): number | undefined {
  const text = pod.startsWith(`${set}-`) ? pod.slice(set.length + 1) : "";
  return /^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined;
}

export const startOf = ({ ordinals }: StatefulSetSpec): number => ordinals?.start ?? 0;

export function statefulPods(state: ClusterState, row: ObjectRow, spec: StatefulSetSpec): StatefulPods {
  const { uid, name, namespace = "" } = row.ref;
  const matches = selectorPredicate(spec.selector);
  const replicas = Array.from({ length: spec.replicas ?? 1 }, (): PodRow | undefined => undefined);
  const condemned: { readonly pod: PodRow; readonly ordinal: number }[] = [];
  const strangers: PodRow[] = [];
  const all: PodRow[] = [];
  for (const pod of state.podsOwnedBy(uid)) {
    const ordinal = ordinalOf(name, pod.ref.name);
    if (ordinal === undefined || (!pod.deletion && !matches?.(pod.metadata.labels ?? {}))) {
      strangers.push(pod);
      continue;
    }
    all.push(pod);
    const index = ordinal - startOf(spec);
    if (index >= 0 && index < replicas.length) replicas[index] = pod;
    else condemned.push({ pod, ordinal });
  }
  return {
    replicas,
    condemned: condemned.sort((left, right) => right.ordinal - left.ordinal).map(({ pod }) => pod),
    strangers: strangers.filter(({ deletion }) => !deletion),
    orphans: [...orphansOf(state, { uid, name, namespace }, spec)],
    all,
  };
}

/** Also those that have ended: they hold a name. */
function* orphansOf(
  state: ClusterState,
  { name, namespace }: { readonly uid: Uid; readonly name: string; readonly namespace: string },
  spec: StatefulSetSpec,
): Iterable<PodRow> {
  for (const pod of state.podsSelected(namespace, spec.selector)) {
    const free = pod.owner === undefined && !pod.deletion;
    if (free && ordinalOf(name, pod.ref.name) !== undefined) yield pod;
  }
}

export const revisionOf = ({ metadata }: PodRow): string | undefined => metadata.labels?.[revisionHashLabel];

/** How it is fenced is the pod's own for as long as it lives: its node and the leader must agree on it. */
export const memberAt = ({ ref, value }: ObjectRow, spec: StatefulSetSpec, ordinal: number): PodMember => {
  const name = `${ref.name}-${ordinal}`;
  const fencing = value.metadata.annotations?.[fencingAnnotation];
  return {
    name,
    hostname: name,
    labels: { [statefulPodNameLabel]: name, [podIndexLabel]: String(ordinal) },
    ...memberClaims(spec, name),
    ...(fencing !== undefined && { annotations: { [fencingAnnotation]: fencing } }),
  };
};
