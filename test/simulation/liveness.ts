// What a cluster owes when all faults are over: everything that was asked for, and then silence. Looks at the log, at
// every master and at every machine, and says what is still missing. What each kind owes stands in workload/kinds.

import type { NodeRow, ObjectRow, PodRow } from "../../master/cluster/contract.ts";
import { isFinished } from "../../master/cluster/mod.ts";
import type { SimulatedContainer } from "../../node-agent/runtime/simulated/simulated-container.ts";
import type { Uid } from "../../protocol/mod.ts";
import { endsByItself } from "./cluster/programs.ts";
import type { SimCluster } from "./cluster/sim-cluster.ts";
import { isNeverReady, whyNotRunning } from "./excuses.ts";
import { isToRestart } from "./invariants/probes.ts";
import { simulatedKinds } from "./workload/kinds/all.ts";
import { isRestless } from "./faults/lasting.ts";

/** After the last fault: the longest back-offs of the product are 300 s (restarts) and 30 s (retries). */
export const convergeMs = 600_000;
/** Without a commit for so long, nothing is under way any more. */
export const quietMs = 12_000;
/** Longer than the longest timer of the product: masters remember results of commands for 15 minutes. */
export const silenceMs = 960_000;

type Part = (cluster: SimCluster) => Generator<string, void, void>;

/** The first few things that are not as asked; empty when the cluster has converged. */
export function missing(cluster: SimCluster, most = 4): readonly string[] {
  const found: string[] = [];
  for (const part of parts) {
    for (const problem of part(cluster)) {
      found.push(problem);
      if (found.length >= most) return found;
    }
  }
  return found;
}

function* mastersFollow(cluster: SimCluster): Generator<string> {
  const { oracle } = cluster;
  const masters = cluster.masters.filter(({ name }) => !cluster.lastingFault(name));
  const leading = masters.filter(({ standing }) => standing === "leading");
  if (leading.length !== 1) yield `${leading.length} masters lead`;
  for (const { name, standing, master } of masters) {
    if (standing !== "leading" && standing !== "following") yield `${name} is ${standing}`;
    else if (master?.position !== oracle.position)
      yield `${name} is at position ${master?.position} of ${oracle.position}`;
  }
}

function* nodesAreThere(cluster: SimCluster): Generator<string> {
  const { nodes, oracle, heartbeats, timeline } = cluster;
  for (const { name, wire, isRunning } of nodes) {
    const lasting = cluster.lastingFault(name);
    if (lasting) {
      const state = oracle.state.node(name)?.state ?? "Lost";
      if (!isRestless(lasting) && state !== "Lost")
        yield `node ${name} is ${lasting.type} for ever and ${state}`;
      continue;
    }
    if (!isRunning || timeline.now - (heartbeats.get(wire) ?? 0) > 2_500) {
      yield `the agent of ${name} is not registered`;
      continue;
    }
    const row = oracle.state.node(name);
    if (row?.state !== "Ready") yield `node ${name} is ${row?.state ?? "unknown"}`;
    else if (row.taints.some(({ key }) => key === "node.kubernetes.io/unreachable"))
      yield `node ${name} is ready and tainted as unreachable`;
    else if (isPressed(row)) yield `node ${name} is under pressure`;
  }
}

const isPressed = ({ observed }: NodeRow): boolean =>
  (observed?.conditions ?? []).some(({ type, status }) => type.endsWith("Pressure") && status === "True");

function* usersAreAnswered({ users }: SimCluster): Generator<string> {
  for (const { name, underWay } of users) if (underWay > 0) yield `${name} waits for ${underWay} answers`;
}

function* workloadsAreAsAsked(cluster: SimCluster): Generator<string> {
  const { state } = cluster.oracle;
  for (const { kind, owes } of simulatedKinds) {
    for (const row of state.objects(kind)) {
      const what = `${kind} ${row.ref.namespace}/${row.ref.name}`;
      if (row.deletion) {
        if (!waitsForUnheard(cluster, row.ref.uid)) yield `${what} is still being deleted`;
      } else for (const problem of owes(row, cluster)) yield `${what} ${problem}`;
    }
  }
  for (const { ref, deletion } of state.objects("Service"))
    if (deletion) yield `Service ${ref.name} is still being deleted`;
  for (const { ref, deletion } of state.objects("Namespace")) {
    const waits = [...state.pods(ref.name)].some((pod) => isUnheard(cluster, pod));
    if (deletion && !waits) yield `Namespace ${ref.name} is still being deleted`;
  }
}

/** A machine that stays away says of no pod that it is gone, and nobody vouches for it. */
const isUnheard = (cluster: SimCluster, { node }: PodRow): boolean =>
  node !== undefined && cluster.lastingFault(node) !== undefined;

/** In the foreground: an owner stays as long as what it owns. */
function waitsForUnheard(cluster: SimCluster, owner: Uid): boolean {
  const { state } = cluster.oracle;
  for (const { uid } of state.dependents(owner)) {
    const pod = state.pod(uid);
    if (pod ? isUnheard(cluster, pod) : waitsForUnheard(cluster, uid)) return true;
  }
  return false;
}

function* podsRun(cluster: SimCluster): Generator<string> {
  const { state } = cluster.oracle;
  const machines = new Map(cluster.nodes.map((node) => [node.name, node.machine]));
  for (const pod of state.pods()) {
    const { ref, node, status, deletion } = pod;
    const what = `pod ${ref.namespace}/${ref.name}`;
    if (isUnheard(cluster, pod)) continue;
    if (deletion) {
      if ((pod.metadata.finalizers ?? []).length === 0) yield `${what} on ${node} is still being deleted`;
      continue;
    }
    if (isFinished(pod)) continue;
    if (whyNotRunning(cluster, pod) !== undefined) continue;
    if (node === undefined) {
      yield `${what} waits, and some node could take it`;
      continue;
    }
    const running = [...(machines.get(node)?.containers.values() ?? [])].filter(
      (container) => container.pod.uid === ref.uid && container.state === "running",
    );
    if (pod.spec.containers.some(({ image }) => endsByItself(image))) yield `${what} is to end and has not`;
    else if (running.length === 0) yield `${what} does not run on ${node} (${status.phase})`;
    // Also by an agent that has ended since.
    else if (running.some(({ isStopping }) => isStopping)) yield `${what} on ${node} is being stopped`;
    else if (running.some((container) => isToRestart(cluster, container, pod)))
      yield `${what} on ${node} does not live, and is to be started again`;
    else if (!running.every((container) => isToldOf(pod, container)))
      yield `${what} on ${node} was started again, and nobody is told`;
    else if (status.phase !== "Running" || !(pod.ready || (isNeverReady(pod) && isToldToRun(pod))))
      yield `${what} runs on ${node} and is told ${status.phase}`;
  }
}

const isToldOf = ({ status }: PodRow, { spec }: SimulatedContainer): boolean =>
  (status.containerStatuses ?? []).some(
    ({ name, restartCount }) => name === spec.name && restartCount >= spec.attempt,
  );

const isToldToRun = ({ status }: PodRow): boolean =>
  (status.containerStatuses ?? []).every(({ state }) => state?.running !== undefined);

function* nothingElseRuns(cluster: SimCluster): Generator<string> {
  const {
    oracle: { state },
    machines,
  } = cluster;
  for (const [machine, { name, wire }] of machines) {
    if (cluster.lastingFault(name)) continue;
    for (const { pod, id, ready } of machine.sandboxes.values()) {
      if (pod.cluster === "another") continue;
      const row = state.pod(pod.uid);
      if (row?.node !== name) yield `${wire} has sandbox ${id} of a pod that is not there`;
      else if (ready && isFinished(row)) yield `${wire} keeps the sandbox ${id} of a finished pod`;
    }
    for (const { pod, id, state: condition } of machine.containers.values()) {
      if (pod.cluster === "another") continue;
      const row = state.pod(pod.uid);
      if (row?.node !== name) yield `${wire} has container ${id} of a pod that is not there`;
      else if (condition === "running" && isFinished(row)) yield `${wire} runs ${id} of a finished pod`;
    }
  }
}

function* endpointsFollow({ oracle: { state } }: SimCluster): Generator<string> {
  for (const row of state.objects("Service")) {
    const { ref } = row;
    const selector = selectorOf(row);
    if (!selector || ref.namespace === undefined) continue;
    const wanted = [...state.pods(ref.namespace)]
      .filter(
        (pod) =>
          pod.ready && !pod.deletion && !isFinished(pod) && matches(selector, pod.metadata.labels ?? {}),
      )
      .map(({ status }) => status.podIP ?? "")
      .sort();
    const found = (state.endpointSubsets(ref.uid) ?? [])
      .flatMap(({ addresses }) => addresses.map(({ ip }) => ip))
      .sort();
    if (wanted.join() !== found.join())
      yield `service ${ref.namespace}/${ref.name} leads to [${found.join()}], ready are [${wanted.join()}]`;
  }
}

function selectorOf({ value }: ObjectRow): Readonly<Record<string, string>> | undefined {
  const selector: unknown = Reflect.get(value["spec"] ?? {}, "selector");
  return typeof selector === "object" && selector !== null ? (selector as Record<string, string>) : undefined;
}
const matches = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);

const parts: readonly Part[] = [
  mastersFollow,
  nodesAreThere,
  usersAreAnswered,
  workloadsAreAsAsked,
  podsRun,
  nothingElseRuns,
  endpointsFollow,
];
