// Containers on the machines: stopped only when the log says so, killed only after their grace, run once.

import type { SimulatedContainer } from "../../../node-agent/runtime/simulated/simulated-container.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import { isToRestart } from "./probes.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

/** Clocks drift, and messages take their time. */
const toleranceMs = 1_500;

export const stoppedOnlyWhenToldTo: MakeInvariant = (cluster): Invariant => {
  const name = "containers are stopped only when the log says so";
  return {
    name,
    runtimeCall(node, call) {
      if (call.type === "start") return;
      const { container } = call;
      const sandbox = node.machine.sandboxes.get(container.sandbox);
      if (sandbox?.ready !== true || cluster.isDoubled(node)) return;
      const row = cluster.oracle.state.pod(container.pod.uid);
      const wanted =
        row?.node === node.name &&
        !row.deletion &&
        !row.givenUp &&
        !isFinished(row.status.phase) &&
        !cluster.evicted.has(container.pod.uid);
      must(
        !wanted || isToRestart(cluster, container, row),
        name,
        () => `${container.id} is told to ${call.type} on ${node.name}, and nobody asked for it`,
      );
      const isGone = cluster.evicted.has(container.pod.uid);
      if (row?.node === node.name && row.deletion && !isGone && call.type === "stop") {
        // Its node hears of the deletion when the endpoints have let go; until then it lives as any other.
        must(
          row.deletion.released ||
            isFinished(row.status.phase) ||
            row.givenUp !== undefined ||
            isToRestart(cluster, container, row),
          name,
          () => `${container.id} gets SIGTERM on ${node.name} before its endpoints were let go of`,
        );
      }
    },
  };
};

const isFinished = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";

export const graceIsGiven: MakeInvariant = (cluster): Invariant => {
  const name = "no SIGKILL before the grace ends";
  /** True time at which SIGKILL may come, by container. */
  const due = new Map<SimulatedContainer, number>();
  const released = new Map<string, number>();
  return {
    name,
    before(event) {
      if (event.type === "TerminationReleased") released.set(event.object.uid, cluster.timeline.now);
    },
    runtimeCall(node, call) {
      if (call.type === "start") return;
      const { container } = call;
      const { now } = cluster.timeline;
      if (call.type === "stop") {
        const end = now + call.graceMs;
        due.set(container, Math.min(end, due.get(container) ?? end));
        checkGrace(node, container, end);
        return;
      }
      if (node.machine.sandboxes.get(container.sandbox)?.ready !== true) return;
      must(
        now >= (due.get(container) ?? Number.POSITIVE_INFINITY) - toleranceMs,
        name,
        () =>
          `${container.id} is killed on ${node.name}; its grace ends at ${due.get(container)}, it is ${now}`,
      );
    },
  };

  function checkGrace(node: SimNode, container: SimulatedContainer, end: number): void {
    const row = cluster.oracle.state.pod(container.pod.uid);
    const since = released.get(container.pod.uid);
    // Its node may have let it go before it heard of the deletion: a full host waits for nobody.
    if (
      cluster.evicted.has(container.pod.uid) ||
      !row?.deletion ||
      row.node !== node.name ||
      since === undefined
    )
      return;
    const owed = since + row.deletion.graceSeconds * 1000 - toleranceMs;
    must(
      end >= owed,
      name,
      () =>
        `${container.id} on ${node.name} would be killed at ${end}; with ${row.deletion?.graceSeconds} s from ${since} it may live until ${owed}`,
    );
  }
};

/** Two attempts of one container never run beside each other in one pod on one machine. */
export const runsOnce: MakeInvariant = (): Invariant => {
  const name = "a container runs once";
  return {
    name,
    runtimeCall(node, call) {
      if (call.type !== "start") return;
      const { container } = call;
      for (const other of node.machine.containers.values()) {
        if (other === container || other.state !== "running") continue;
        const same = other.pod.uid === container.pod.uid && other.spec.name === container.spec.name;
        must(!same, name, () => `${container.id} starts on ${node.name} beside ${other.id}`);
      }
    },
  };
};

export const foreignContainersAreLeftAlone: MakeInvariant = (cluster): Invariant => {
  const name = "foreign containers are left alone";
  return {
    name,
    runtimeCall(node, call) {
      must(call.container.pod.cluster !== "another", name, () => `${call.type} on ${node.name}`);
    },
    checkpoint(moment) {
      if (moment !== "settled") return;
      for (const [machine, node] of cluster.machines) {
        const present = [...machine.containers.values()].some(({ pod }) => pod.cluster === "another");
        must(present, name, () => `it is gone from ${node.name}`);
      }
    },
  };
};
