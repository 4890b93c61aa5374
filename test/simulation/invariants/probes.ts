// Programs that are asked how they are: services lead to those that are ready, those that do not live are stopped and
// started again, and whatever ends again and again waits longer each time.
// Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/

import type { PodRow } from "../../../master/cluster/contract.ts";
import type { SimulatedContainer } from "../../../node-agent/runtime/simulated/simulated-container.ts";
import type { Probe } from "../../../protocol/mod.ts";
import type { Question } from "../cluster/health.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import type { SimProcess } from "../engine/process.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

const usualThreshold = 3;

/** How often beyond what it takes it has said that it does not live, or has not started; negative while it may go on. */
function beyondThreshold(cluster: SimCluster, { program, spec }: SimulatedContainer, row: PodRow): number {
  const health = cluster.programs.healthOf(program);
  const container = row.spec.containers.find(({ name }) => name === spec.name);
  if (!health || !container) return Number.NEGATIVE_INFINITY;
  const beyond = (question: Question, probe: Probe | undefined): number =>
    probe ? health.failures(question) - (probe.failureThreshold ?? usualThreshold) : Number.NEGATIVE_INFINITY;
  return Math.max(beyond("live", container.livenessProbe), beyond("started", container.startupProbe));
}

/** Its node may stop it to start it again. */
export const isToRestart = (cluster: SimCluster, container: SimulatedContainer, row: PodRow): boolean =>
  beyondThreshold(cluster, container, row) >= 0;

/** As many looks in which nothing keeps its agent from its work, 15 s each. */
const mostLooks = 2;

export const theUnwellAreRestarted: MakeInvariant = (cluster): Invariant => {
  const name = "what does not live is restarted";
  const stopped = new WeakSet<SimulatedContainer>();
  let seen = new Map<SimulatedContainer, { readonly by: SimProcess; readonly looks: number }>();
  return {
    name,
    runtimeCall(_node, { type, container }) {
      if (type === "stop" && cluster.plan.health) stopped.add(container);
    },
    checkpoint() {
      if (!cluster.plan.health) return;
      const now: typeof seen = new Map();
      for (const node of cluster.nodes) {
        const { process, machine } = node;
        if (!process?.alive || process.paused || !machine.isSound || !node.isRunning) continue;
        for (const container of machine.containers.values()) {
          const row = cluster.oracle.state.pod(container.pod.uid);
          if (container.state !== "running" || row?.node !== node.name || stopped.has(container)) continue;
          if (!isToRestart(cluster, container, row)) continue;
          const before = seen.get(container);
          const looks = before?.by === process ? before.looks + 1 : 1;
          must(looks <= mostLooks, name, () => `${container.id} on ${node.wire} goes on`);
          now.set(container, { by: process, looks });
        }
      }
      seen = now;
    },
  };
};

const firstDelayMs = 10_000;
const longestDelayMs = 300_000;
/** Who has run for so long begins anew. */
const forgivenMs = 600_000;
/** Clocks drift by a hundredth. */
const tolerance = 0.97;

/** How often a container of a pod has begun since its host's clock was last set: what is made only has not ended either. */
interface Starts {
  readonly count: number;
  readonly clockJumps: number;
}

export const restartsBackOff: MakeInvariant = (cluster): Invariant => {
  const name = "what ends again and again waits longer each time";
  const startedAt = new WeakMap<SimulatedContainer, number>();
  const starts = new Map<string, Starts>();
  return {
    name,
    runtimeCall(node, { type, container }) {
      if (type !== "start") return;
      const { now } = cluster.timeline;
      const key = `${container.pod.uid}/${container.spec.name}`;
      const restarts = restartsOf(node, container, starts.get(key));
      starts.set(key, { count: restarts + 1, clockJumps: node.host.jumps });
      startedAt.set(container, now);
      const former = formerOf(node, container);
      const formerStart = former && startedAt.get(former);
      const { finishedAt } = former?.status() ?? {};
      if (formerStart === undefined || finishedAt === undefined) return;
      if (restarts < 2 || now - formerStart >= forgivenMs) return;
      const owed = Math.min(longestDelayMs, firstDelayMs * 2 ** (restarts - 2));
      const waited = node.machine.clock.now() - finishedAt;
      must(
        waited >= owed * tolerance,
        name,
        () => `${container.id} starts on ${node.wire} ${waited} ms after its last end, and owes ${owed} ms`,
      );
      cluster.coverage.mark("restarts backed off");
    },
  };
};

/** By the wall clock of the host, which faults set forward and back; who has lost its record counts from an attempt before. */
const restartsOf = ({ host }: SimNode, { spec }: SimulatedContainer, before: Starts | undefined): number =>
  before?.clockJumps === host.jumps ? Math.min(before.count, spec.attempt) : 0;

function formerOf({ machine }: SimNode, { pod, spec }: SimulatedContainer): SimulatedContainer | undefined {
  for (const other of machine.containers.values()) {
    const isFormer = other.pod.uid === pod.uid && other.spec.name === spec.name;
    if (isFormer && other.spec.attempt === spec.attempt - 1) return other;
  }
  return undefined;
}

const changesEndpoints: ReadonlySet<string> = new Set(["PodStatusObserved", "EndpointsChanged"]);

export const endpointsLeadToTheReady: MakeInvariant = (cluster): Invariant => {
  const name = "services lead to pods that are ready";
  return {
    name,
    accepted({ commit, sequence }) {
      if (!commit.events.some(({ type }) => changesEndpoints.has(type))) return;
      const { state } = cluster.oracle;
      for (const { ref } of state.objects("Service")) {
        for (const { addresses } of state.endpointSubsets(ref.uid) ?? []) {
          for (const { pod } of addresses)
            must(
              state.pod(pod.uid)?.ready === true,
              name,
              () => `service ${ref.name} leads to ${pod.name} after sequence ${sequence}, which is not ready`,
            );
        }
      }
    },
  };
};
