// The next step of a stateful set. In order, and one at a time, where its pods are managed in order: each pod is
// there and ready before the next is made, ended or changed. As Kubernetes' stateful set control does it.

import type { CommandEnvelope } from "../../protocol/mod.ts";
import {
  amountOf,
  isFinished,
  maxPodsPerCommand,
  type ObjectRow,
  type PodRow,
  type StatefulSetSpec,
} from "../cluster/mod.ts";
import { commandsPerReconcile, type Order } from "./ordering.ts";
import { memberAt, revisionOf, startOf, type StatefulPods } from "./stateful-set-pods.ts";

export interface StatefulView {
  readonly row: ObjectRow;
  readonly spec: StatefulSetSpec;
  readonly pods: StatefulPods;
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly collisions: number;
  readonly now: number;
}

export function stepCommands(view: StatefulView, order: Order): readonly CommandEnvelope[] {
  const inOrder = view.spec.podManagementPolicy !== "Parallel";
  const kept = keepReplicas(view, inOrder, order);
  if (kept.commands.length > 0 || kept.waits) return kept.commands;
  const ends = endCondemned(view, inOrder, order);
  if (ends.commands.length > 0 || ends.waits) return ends.commands;
  return update(view, order);
}

interface Step {
  readonly commands: readonly CommandEnvelope[];
  /** Nothing else may happen before this is done. */
  readonly waits: boolean;
}
const go: Step = { commands: [], waits: false };
const wait: Step = { commands: [], waits: true };

export const isAvailable = (pod: PodRow, { spec, now }: Pick<StatefulView, "spec" | "now">): boolean =>
  pod.ready && !pod.deletion && (pod.readyAt ?? now) + (spec.minReadySeconds ?? 0) * 1000 <= now;

/** From the lowest ordinal up: what has ended is replaced, what is missing is made. */
function keepReplicas(view: StatefulView, inOrder: boolean, order: Order): Step {
  const missing: number[] = [];
  const ended: PodRow[] = [];
  for (const [index, pod] of view.pods.replicas.entries()) {
    if (!pod) missing.push(index);
    else if (isFinished(pod) && !pod.deletion) ended.push(pod);
    else if (inOrder && !isAvailable(pod, view)) return firstOf(view, missing, ended, order) ?? wait;
    if (inOrder && missing.length + ended.length > 0) break;
  }
  return firstOf(view, missing, ended, order) ?? go;
}

function firstOf(
  view: StatefulView,
  missing: readonly number[],
  ended: readonly PodRow[],
  order: Order,
): Step | undefined {
  const commands = [
    ...ended.slice(0, commandsPerReconcile).map((pod) => {
      const reason = `it has ended (${pod.status.reason ?? pod.status.phase}) and is made anew`;
      return order({ type: "DeletePod", pod: pod.ref, reason });
    }),
    ...creations(view, missing.slice(0, maxPodsPerCommand), order),
  ];
  return commands.length > 0 ? { commands, waits: true } : undefined;
}

/** Pods below the partition are made of the current revision, the others of the new one. */
function creations(
  { row, spec, currentRevision, updateRevision }: StatefulView,
  indexes: readonly number[],
  order: Order,
): readonly CommandEnvelope[] {
  const partition = partitionOf(spec);
  // One command each: a name that somebody else's pod has keeps no other from being made.
  return indexes.map((index) => {
    const ordinal = startOf(spec) + index;
    return order({
      type: "CreatePods",
      owner: row.ref,
      count: 1,
      members: [memberAt(row, spec, ordinal)],
      revision: index < partition ? currentRevision : updateRevision,
      reason: `ordinal ${ordinal} of ${spec.replicas ?? 1} replicas`,
    });
  });
}

const partitionOf = ({ updateStrategy }: StatefulSetSpec): number =>
  updateStrategy?.type === "OnDelete" ? 0 : (updateStrategy?.rollingUpdate?.partition ?? 0);

/** From the highest ordinal down; in order, only while all others are well, and the next when this one is gone. */
function endCondemned(view: StatefulView, inOrder: boolean, order: Order): Step {
  const { replicas, condemned } = view.pods;
  const { replicas: wanted = 1 } = view.spec;
  const reason = `scaled down to ${wanted}`;
  const end = (pod: PodRow): CommandEnvelope => order({ type: "DeletePod", pod: pod.ref, reason });
  if (!inOrder) {
    const ends = condemned.filter(({ deletion }) => !deletion).slice(0, commandsPerReconcile);
    return { commands: ends.map(end), waits: false };
  }
  // What has ended gets well no more: whoever waited for it would wait for ever.
  const ended = condemned.filter((pod) => isFinished(pod) && !pod.deletion).slice(0, commandsPerReconcile);
  if (ended.length > 0) return { commands: ended.map(end), waits: true };
  const [target] = condemned;
  if (!target) return go;
  if (target.deletion) return wait;
  const unwell = [...replicas, ...condemned.toReversed()].find((pod) => pod && !isAvailable(pod, view));
  if (unwell && unwell !== target && !isAvailable(target, view)) return wait;
  return { commands: [end(target)], waits: true };
}

/** From the highest ordinal down to the partition. */
function update(view: StatefulView, order: Order): readonly CommandEnvelope[] {
  const { spec, updateRevision } = view;
  if (spec.updateStrategy?.type === "OnDelete") return [];
  const { maxUnavailable } = spec.updateStrategy?.rollingUpdate ?? {};
  const reason = `updated to revision ${updateRevision}`;
  const targets = maxUnavailable === undefined ? nextOne(view) : nextSome(view, maxUnavailable);
  return targets.map((pod) => order({ type: "DeletePod", pod: pod.ref, reason }));
}

/** One at a time; the next when it is back and available. */
function nextOne(view: StatefulView): readonly PodRow[] {
  const { spec, pods, updateRevision } = view;
  for (let index = pods.replicas.length - 1; index >= partitionOf(spec); index--) {
    const pod = pods.replicas[index];
    if (!pod || pod.deletion) return [];
    if (revisionOf(pod) !== updateRevision) return [pod];
    if (!isAvailable(pod, view)) return [];
  }
  return [];
}

/**
 * As many at a time as may be unavailable, counting every ordinal, also below the partition. One that is not
 * available anyway takes no room of its own.
 */
function nextSome(view: StatefulView, maxUnavailable: number | string): readonly PodRow[] {
  const { spec, pods, updateRevision } = view;
  const { replicas } = pods;
  const most = Math.max(1, amountOf(maxUnavailable, replicas.length, Math.ceil));
  const works = (pod: PodRow | undefined): boolean => pod !== undefined && isAvailable(pod, view);
  let unavailable = replicas.filter((pod) => !works(pod)).length;
  const targets: PodRow[] = [];
  for (let index = replicas.length - 1; index >= partitionOf(spec); index--) {
    const pod = replicas[index];
    if (!pod || pod.deletion || revisionOf(pod) === updateRevision) continue;
    const others = works(pod) ? unavailable : unavailable - 1;
    if (others >= most || targets.length >= commandsPerReconcile) continue;
    if (works(pod)) unavailable++;
    targets.push(pod);
  }
  return targets;
}
