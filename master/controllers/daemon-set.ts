// Keeps one pod of a daemon set on every node that should have one, and replaces them when the template changes.

import { type CommandEnvelope, type NodeName, sameValue } from "../../protocol/mod.ts";
import {
  type ClusterState,
  daemonSetHash,
  daemonSetSpecOf,
  daemonRetryMs,
  isFinished,
  maxPodsPerCommand,
  type ObjectRow,
  type PodRow,
  type Reconcile,
  revisionHashLabel,
  selectorPredicate,
  targetNodeOf,
} from "../cluster/mod.ts";
import type { NodeView } from "./daemon-set-nodes.ts";
import { oldRevisions, revisionHash, type Revisions, revisionsOf } from "./controller-revisions.ts";
import { daemonSetStatus } from "./daemon-set-status.ts";
import { type DaemonView, viewDaemonSet } from "./daemon-set-view.ts";
import { replaceStep, surgeStep, type UpdateStep } from "./daemon-set-update.ts";
import { commandsPerReconcile, type Order, ordering } from "./ordering.ts";

export const reconcileDaemonSet: Reconcile = (state, uid, now) => {
  const row = state.objectByUid(uid);
  if (row?.ref.kind !== "DaemonSet" || row.deletion) return [];
  const order = ordering(state, "daemon-set", uid);
  const owners = ownerCommands(state, row, order);
  if (owners.length > 0) return owners;
  const revisions = revisionsOf(state, row, daemonSetSpecOf(row.value), order);
  const view = viewDaemonSet(state, row, now);
  const kept = keepCommands(state, view, order);
  const steps = kept.length > 0 ? kept : updateCommands(state, view, order);
  if (steps.length > 0) return [...revisions.commands, ...steps];
  const status = daemonSetStatus(view);
  return [
    ...revisions.commands,
    ...(sameValue(row.status, status) ? [] : [order({ type: "UpdateStatus", object: row.ref, status })]),
    ...oldRevisions(revisions, liveRevisions(view, revisions), view.spec.revisionHistoryLimit ?? 10, order),
  ];
};

/** Names of the revisions that some pod is of, and of the present one. */
function liveRevisions({ row, nodes }: DaemonView, { kept }: Revisions): ReadonlySet<string> {
  const hashes = new Set(
    nodes.flatMap(({ pods }) => pods.map(({ metadata }) => metadata.labels?.[revisionHashLabel])),
  ).add(daemonSetHash(row.value));
  return new Set(kept.filter((revision) => hashes.has(revisionHash(revision))).map(({ ref }) => ref.name));
}

/** Pods without an owner that match and stand on a node are taken over; own ones that no longer match are let go. */
function ownerCommands(state: ClusterState, row: ObjectRow, order: Order): readonly CommandEnvelope[] {
  const { selector } = daemonSetSpecOf(row.value);
  const matches = selectorPredicate(selector);
  const commands: CommandEnvelope[] = [];
  for (const pod of state.podsOwnedBy(row.ref.uid)) {
    if (pod.deletion || matches?.(pod.metadata.labels ?? {})) continue;
    commands.push(order({ type: "ReleasePod", pod: pod.ref, owner: row.ref }));
  }
  for (const pod of state.podsSelected(row.ref.namespace ?? "", selector)) {
    const free = pod.owner === undefined && !pod.deletion && !isFinished(pod);
    if (free && targetNodeOf(pod) !== undefined) {
      commands.push(order({ type: "AdoptPod", pod: pod.ref, owner: row.ref }));
    }
  }
  return commands;
}

const surges = ({ spec, bounds }: DaemonView): boolean =>
  spec.updateStrategy?.type === "RollingUpdate" && bounds.maxSurge > 0;

/** One pod for every node that wants one, none where it may not be, and never one too many. */
function keepCommands(state: ClusterState, view: DaemonView, order: Order): readonly CommandEnvelope[] {
  const commands: CommandEnvelope[] = [];
  const missing: NodeName[] = [];
  const remove = (pods: readonly PodRow[], reason: string): void => {
    for (const pod of pods) {
      if (!pod.deletion) commands.push(order({ type: "DeletePod", pod: pod.ref, reason }));
    }
  };
  remove(view.strays, "its node is gone");
  for (const one of view.nodes) {
    const { node, wanted, kept, pods } = one;
    if (!kept) remove(pods, `the daemon set's pods do not belong on node ${node.name}`);
    else if (pods.length === 0) {
      if (wanted && node.state === "Ready") missing.push(node.name);
    } else {
      remove(ended(pods, view.now), "it has ended, and another takes its place");
      remove(surplus(one, view), "one pod on each node");
    }
    if (commands.length >= commandsPerReconcile) break;
  }
  return [...commands, ...createCommands(state, view, missing, order)];
}

/** Ended pods stay for a while, so that one that ends at once is not made again at once. */
const ended = (pods: readonly PodRow[], now: number): readonly PodRow[] =>
  pods.filter((pod) => isFinished(pod) && now >= pod.createdAt + daemonRetryMs);

/** All but the oldest; with surge, an old pod beside a new one until the new one is available. */
function surplus({ pods }: NodeView, view: DaemonView): readonly PodRow[] {
  const living = pods.filter((pod) => !pod.deletion && !isFinished(pod));
  if (living.length <= 1) return [];
  if (!surges(view)) return living.slice(1);
  const { isUpdated, isAvailable: works } = view.rules;
  const [fresh, ...moreFresh] = living.filter(isUpdated);
  const [old, ...moreOld] = living.filter((pod) => !isUpdated(pod));
  const done = fresh && old && (!old.ready || works(fresh));
  return [...moreFresh, ...moreOld, ...(done ? [old] : [])];
}

function createCommands(
  state: ClusterState,
  { row }: DaemonView,
  nodes: readonly NodeName[],
  order: Order,
): readonly CommandEnvelope[] {
  const namespace = state.object("Namespace", undefined, row.ref.namespace ?? "");
  if (nodes.length === 0 || !namespace || namespace.deletion) return [];
  const some = nodes.slice(0, maxPodsPerCommand);
  const reason = "one pod on each node";
  return [order({ type: "CreatePods", owner: row.ref, count: some.length, nodes: some, reason })];
}

/** OnDelete leaves it to whoever deletes the old pods. */
function updateCommands(state: ClusterState, view: DaemonView, order: Order): readonly CommandEnvelope[] {
  if (view.spec.updateStrategy?.type !== "RollingUpdate") return [];
  const { nodes, bounds, rules } = view;
  const step: UpdateStep = surges(view) ? surgeStep(nodes, bounds, rules) : replaceStep(nodes, bounds, rules);
  const reason = "rolling update: replaced by a pod of the present template";
  const ready = new Set(nodes.filter(({ node }) => node.state === "Ready").map(({ node }) => node.name));
  const surged = step.surged.filter((node) => ready.has(node));
  return [
    ...step.deleted.map((pod) => order({ type: "DeletePod", pod: pod.ref, reason })),
    ...createCommands(state, view, surged, order),
  ];
}
