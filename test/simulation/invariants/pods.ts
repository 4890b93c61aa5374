// Pods in the log: bound once, where they fit and may be, forward only, and as many as were asked for.

import type { NodeRow, PodRow } from "../../../master/cluster/contract.ts";
import { isFinished } from "../../../master/cluster/mod.ts";
import type { NodeName, Positioned, Uid } from "../../../protocol/mod.ts";
import { isCordoned, isRepelled, suits } from "../excuses.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

type Bound = Extract<Positioned, { readonly type: "PodBound" }>;

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
    const { tolerations = [] } = pod.spec;
    must(!isCordoned(node, tolerations), name, () => `${what}: it is cordoned`);
    must(node.state === "Ready", name, () => `${what}: it is ${node.state}`);
    must(!pod.deletion && !isFinished(pod), name, () => `${what}: the pod is on its way out`);
    must(suits(pod, node), name, () => `${what}: its labels are not those that the pod asks for`);
    must(!isRepelled(pod.spec, node), name, () => `${what}: a taint of it is not tolerated`);
  }
};

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
