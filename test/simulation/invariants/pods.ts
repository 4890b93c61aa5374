// Pods in the log: bound once, where they fit and may be, forward only, and as many as were asked for.

import type { NodeRow, PodRow } from "../../../master/cluster/contract.ts";
import type { NodeName, Positioned, Toleration, Uid } from "../../../protocol/mod.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

type Bound = Extract<Positioned, { readonly type: "PodBound" }>;

const isFinished = ({ status }: PodRow): boolean => status.phase === "Succeeded" || status.phase === "Failed";

export const boundOnce: MakeInvariant = (): Invariant => {
  const name = "a pod is bound once";
  const bound = new Map<Uid, NodeName>();
  return {
    name,
    before(event) {
      if (event.type !== "PodBound") return;
      const before = bound.get(event.object.uid);
      must(
        before === undefined,
        name,
        () => `${event.object.name} is bound to ${event.node} and was to ${before}`,
      );
      bound.set(event.object.uid, event.node);
    },
  };
};

/** Sums are made anew from the rows: the indexes that the scheduler trusts may be wrong. */
export const nodesHoldWhatTheyCan: MakeInvariant = (cluster): Invariant => {
  const name = "no node is over-committed";
  return {
    name,
    after(event) {
      if (event.type !== "PodBound") return;
      const { state } = cluster.oracle;
      const node = state.node(event.node);
      if (!node) return;
      const here = [...state.pods()].filter((row) => row.node === node.name && !isFinished(row));
      const sum = (pick: (row: PodRow) => number): number =>
        here.reduce((total, row) => total + pick(row), 0);
      const cpu = sum(({ requests }) => requests.cpuMilli);
      const memory = sum(({ requests }) => requests.memoryBytes);
      const { allocatable } = node;
      must(
        cpu <= allocatable.cpuMilli && memory <= allocatable.memoryBytes && here.length <= allocatable.pods,
        name,
        () => `${node.name} has ${here.length} pods, ${cpu} milli, ${memory} bytes at ${event.position}`,
      );
      const ports = here.flatMap((row) => row.hostPorts);
      must(
        new Set(ports).size === ports.length,
        name,
        () => `a host port is given twice on ${node.name}: ${ports.join(", ")}`,
      );
    },
  };
};

export const placedWhereAllowed: MakeInvariant = (cluster): Invariant => {
  const name = "placement obeys selectors, taints and cordons";
  return {
    name,
    before(event) {
      if (event.type !== "PodBound") return;
      const pod = cluster.oracle.state.pod(event.object.uid);
      const node = cluster.oracle.state.node(event.node);
      must(pod !== undefined && node !== undefined, name, () => `${event.object.name} is bound to nowhere`);
      if (pod && node) check(event, pod, node);
    },
  };

  function check(event: Bound, pod: PodRow, node: NodeRow): void {
    const what = `${event.object.name} on ${node.name} at ${event.position}`;
    must(!node.unschedulable, name, () => `${what}: it is cordoned`);
    must(node.state === "Ready", name, () => `${what}: it is ${node.state}`);
    must(!pod.deletion && !isFinished(pod), name, () => `${what}: the pod is on its way out`);
    const labels = node.metadata.labels ?? {};
    for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) {
      must(labels[key] === value, name, () => `${what}: it has not ${key}=${value}`);
    }
    for (const taint of node.taints) {
      if (taint.effect === "PreferNoSchedule") continue;
      const tolerated = (pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, taint));
      must(tolerated, name, () => `${what}: the taint ${taint.key} is not tolerated`);
    }
  }
};

const tolerates = (
  { key, operator, value, effect }: Toleration,
  taint: { readonly key: string; readonly value?: string; readonly effect: string },
): boolean =>
  (!effect || effect === taint.effect) &&
  (operator === "Exists"
    ? !key || key === taint.key
    : key === taint.key && (value ?? "") === (taint.value ?? ""));

const rank: Readonly<Record<string, number>> = {
  Pending: 0,
  Unknown: 0,
  Running: 1,
  Succeeded: 2,
  Failed: 2,
};

export const phasesGoForward: MakeInvariant = (cluster): Invariant => {
  const name = "phases only go forward";
  return {
    name,
    before(event) {
      if (event.type !== "PodStatusObserved") return;
      const pod = cluster.oracle.state.pod(event.object.uid);
      if (!pod) return;
      const what = `${event.object.name} at ${event.position}`;
      must(
        event.node === pod.node,
        name,
        () => `${what}: ${event.node} speaks, and it is bound to ${pod.node}`,
      );
      const mayMove = event.by === `node:${pod.node}` || event.by.startsWith("controller:");
      must(mayMove, name, () => `${what} is moved by ${event.by}`);
      const [from, to] = [pod.status.phase ?? "Pending", event.status.phase ?? "Pending"];
      must((rank[to] ?? 0) >= (rank[from] ?? 0), name, () => `${what} goes from ${from} to ${to}`);
      must(!isFinished(pod) || to === from, name, () => `${what} was ${from} and is ${to}`);
    },
  };
};

/** Never more live pods than asked for because of the control plane, and none taken away that is wanted. */
export const replicasStayWithinBounds: MakeInvariant = (cluster): Invariant => {
  const name = "replicas stay within what was asked";
  const live = (owner: Uid): number =>
    [...cluster.oracle.state.podsOwnedBy(owner)].filter((row) => !row.deletion && !isFinished(row)).length;
  const wanted = (owner: Uid): number | undefined => {
    const row = cluster.oracle.state.objectByUid(owner);
    const replicas: unknown =
      row && !row.deletion ? Reflect.get(row.value["spec"] ?? {}, "replicas") : undefined;
    return typeof replicas === "number" ? replicas : undefined;
  };
  return {
    name,
    after(event) {
      if (event.type !== "PodCreated") return;
      const { uid } = event.owner;
      const [has, asked] = [live(uid as Uid), wanted(uid as Uid)];
      must(
        asked !== undefined && has <= asked,
        name,
        () => `${event.object.name} at ${event.position} makes ${has} of ${asked}`,
      );
    },
    before(event) {
      const isDeletion = event.type === "DeletionRequested" || event.type === "ObjectDeleted";
      if (!isDeletion || event.by !== "controller:replication") return;
      const pod = cluster.oracle.state.pod(event.object.uid);
      if (!pod?.owner || pod.deletion || isFinished(pod)) return;
      const [has, asked] = [live(pod.owner), wanted(pod.owner)];
      must(
        asked === undefined || has > asked,
        name,
        () => `${event.object.name} is taken away at ${event.position} with ${has} of ${asked}`,
      );
    },
  };
};

/** What takes a pod away also takes it out of its services, in the same commit: only then may its node stop it. */
export const endpointsLeaveFirst: MakeInvariant = (cluster): Invariant => {
  const name = "endpoints leave first";
  return {
    name,
    accepted({ sequence, commit }) {
      if (!commit.events.some(({ type }) => type === "DeletionRequested" || type === "ObjectDeleted")) return;
      const { state } = cluster.oracle;
      for (const { ref } of state.objects("Service")) {
        for (const { addresses } of state.endpointSubsets(ref.uid) ?? []) {
          for (const { pod } of addresses) {
            const row = state.pod(pod.uid);
            must(
              row !== undefined && !row.deletion,
              name,
              () => `service ${ref.name} leads to ${pod.name} after sequence ${sequence}, which is to stop`,
            );
          }
        }
      }
    },
  };
};
