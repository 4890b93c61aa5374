// Hosts that run full: pods go one at a time, in the documented order, and only while something is short; what comes
// meanwhile is refused, and nothing is sent there by a master that knows of it.
// Source: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/

import type { NodeRow, PodRow } from "../../../master/cluster/contract.ts";
import { isFinished, priorityOf } from "../../../master/cluster/mod.ts";
import type { Signals } from "../../../node-agent/pressure/signals.ts";
import type { SimulatedContainer } from "../../../node-agent/runtime/simulated/simulated-container.ts";
import { type PodSpec, parseBytes, type Uid } from "../../../protocol/mod.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import type { SimProcess } from "../engine/process.ts";
import { bears } from "../excuses.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

type Resource = "memory" | "disk";

/** The defaults of the thresholds, written anew. */
function shortOf(signals: Signals): ReadonlySet<Resource> {
  const short = new Set<Resource>();
  const { "memory.available": memory, "nodefs.available": volumes, "imagefs.available": images } = signals;
  if (memory && memory.available < 100 * 2 ** 20) short.add("memory");
  if (volumes && volumes.available < volumes.capacity / 10) short.add("disk");
  if (images && images.available < (images.capacity * 15) / 100) short.add("disk");
  return short;
}

interface Measured {
  readonly at: number;
  readonly short: ReadonlySet<Resource>;
  /** By which agent, and since when it measures. */
  readonly process: SimProcess | undefined;
  readonly since: number;
  used: boolean;
}

/** A pod that has run for so long is known to its agent, and so is how it is. */
const knownMs = 5_000;

export const fullHostsLetPodsGoInOrder: MakeInvariant = (cluster): Invariant => {
  const name = "a full host lets its pods go in order";
  const last = new Map<SimNode, Measured>();
  const startedAt = new Map<SimulatedContainer, number>();
  return {
    name,
    runtimeCall(_node, { type, container }) {
      if (type === "start" && cluster.plan.hosts) startedAt.set(container, cluster.timeline.now);
    },
    measured(node, signals) {
      const { now } = cluster.timeline;
      const { process } = node;
      const before = last.get(node);
      const since = before && before.process === process ? before.since : now;
      last.set(node, { at: now, short: shortOf(signals), process, since, used: false });
    },
    evicts(node, { pod, signal }) {
      const measured = last.get(node);
      const resource: Resource = signal === "memory.available" ? "memory" : "disk";
      const what = `${pod} is evicted from ${node.wire} for its ${resource}`;
      must(measured?.short.has(resource) === true, name, () => `${what}, of which there is enough`);
      must(!measured?.used, name, () => `${what} beside another one`);
      cluster.coverage.mark(`evicted for ${resource}`);
      if (!measured) return;
      measured.used = true;
      const isSettled = measured.at === cluster.timeline.now && measured.at - measured.since > knownMs;
      if (!isSettled || !node.machine.isSound || cluster.unanswered.has(node.wire)) return;
      const chosen = figuresOf(node, pod, resource);
      must(!chosen || chosen.priority < criticalPriority, name, () => `${what}, and it is critical`);
      for (const other of candidates(node)) {
        const figures = other === pod || !chosen ? undefined : figuresOf(node, other, resource);
        if (!chosen || !figures || figures.priority >= criticalPriority) continue;
        must(
          !goesBefore(figures, chosen),
          name,
          () => `${what} (${JSON.stringify(chosen)}) before ${other} (${JSON.stringify(figures)})`,
        );
      }
    },
  };

  /** Pods that the agent could have chosen, as far as that is certain. */
  function* candidates(node: SimNode): Generator<Uid> {
    const { now } = cluster.timeline;
    const { state } = cluster.oracle;
    for (const container of node.machine.containers.values()) {
      const { uid } = container.pod;
      if (container.state !== "running" || cluster.evicted.has(uid)) continue;
      const since = startedAt.get(container);
      const row = state.pod(uid);
      if (since === undefined || now - since < knownMs || row?.node !== node.name) continue;
      if (row.ready && !row.deletion && !row.givenUp && !isFinished(row)) yield uid;
    }
  }

  function figuresOf(node: SimNode, uid: Uid, resource: Resource): Figures | undefined {
    const row = cluster.oracle.state.pod(uid);
    if (!row) return undefined;
    let used = 0;
    for (const container of node.machine.containers.values()) {
      if (container.pod.uid !== uid || container.state !== "running") continue;
      used += resource === "memory" ? container.memoryBytes : container.writtenBytes;
    }
    return { priority: priorityOf(row), excess: used - requested(row.spec, resource) };
  }
};

const criticalPriority = 2_000_000_000;

interface Figures {
  readonly priority: number;
  /** What it takes beyond what it asked for. */
  readonly excess: number;
}

/** Who takes more than it asked for, then who matters less, then who takes most beyond that. */
function goesBefore(one: Figures, other: Figures): boolean {
  const [greedy, otherGreedy] = [one.excess > 0, other.excess > 0];
  if (greedy !== otherGreedy) return greedy;
  if (one.priority !== other.priority) return one.priority < other.priority;
  return one.excess > other.excess;
}

function requested({ containers }: Pick<PodSpec, "containers">, resource: Resource): number {
  const key = resource === "memory" ? "memory" : "ephemeral-storage";
  return containers.reduce((sum, { resources: { requests, limits } = {} }) => {
    const parsed = parseBytes(requests?.[key] ?? limits?.[key] ?? 0);
    return sum + (parsed.ok ? parsed.value : 0);
  }, 0);
}

/** Beyond two looks at the disk: what has ended goes at the next one. */
const leavesWithinMs = 5_000;

/** A pod that goes for the disk gives it back: another one would have to go in vain. */
export const whatGoesLeavesTheDisk: MakeInvariant = (cluster): Invariant => {
  const name = "what a full disk lets go leaves it";
  interface Gone {
    readonly at: number;
    readonly process: SimProcess | undefined;
  }
  const gone = new Map<SimNode, Map<Uid, Gone>>();
  /** Since when its disk is short and nothing keeps its agent from clearing it: what has ended may stay until then. */
  const clearingSince = new Map<SimNode, number>();
  return {
    name,
    evicts(node, { pod, signal }) {
      if (signal === "memory.available") return;
      const here = gone.get(node) ?? new Map<Uid, Gone>();
      gone.set(node, here.set(pod, { at: cluster.timeline.now, process: node.process }));
    },
    measured(node, signals) {
      const { now } = cluster.timeline;
      const short = shortOf(signals);
      const works = node.machine.isSound && !node.disk.full && !cluster.unanswered.has(node.wire);
      // Memory comes first.
      const clears = works && !cluster.patience.has(node.wire) && short.has("disk") && !short.has("memory");
      if (!clears) clearingSince.delete(node);
      else if (!clearingSince.has(node)) clearingSince.set(node, now);
      const since = clearingSince.get(node);
      const here = gone.get(node);
      if (!here || since === undefined) return;
      const withinMs = leavesWithinMs + 2 * (cluster.plan.hosts?.intervalMs ?? 0);
      for (const [pod, { at, process }] of here) {
        if (process !== node.process) here.delete(pod);
        else if (now - Math.max(at, since) > withinMs) {
          here.delete(pod);
          const left = [...node.machine.containers.values()].find(
            (container) => container.pod.uid === pod && container.writtenBytes > 0,
          );
          must(!left, name, () => `${left?.id} is on ${node.wire}, and was evicted at ${at}`);
        }
      }
    },
  };
};

/** Nothing is told to be evicted by an agent that had no reason to. */
export const evictionsHaveAReason: MakeInvariant = (cluster): Invariant => {
  const name = "only what a full host lets go or refuses is evicted";
  /** When something was last short there, by the name of the node. */
  const shortAt = new Map<string, number>();
  return {
    name,
    measured(node, signals) {
      if (shortOf(signals).size > 0) shortAt.set(node.name, cluster.timeline.now);
    },
    before(event) {
      if (event.type !== "PodStatusObserved" || event.status.reason !== "Evicted") return;
      const { object, status } = event;
      const row = cluster.oracle.state.pod(object.uid);
      if (!row || isFinished(row)) return;
      const what = `${object.name} is told as evicted from ${event.node} at ${event.position}`;
      must(status.phase === "Failed", name, () => `${what} and is ${status.phase}`);
      // Another machine of the same name may have run it.
      if (cluster.evicted.has(object.uid) || cluster.doubled.has(event.node)) return;
      cluster.coverage.mark("refused by a full host");
      must(shortAt.has(event.node), name, () => `${what}: nothing was ever short there`);
      must(
        row.status.startTime === undefined || !hasRun(row),
        name,
        () => `${what} and has run there before`,
      );
    },
  };
};

const hasRun = ({ status }: PodRow): boolean =>
  (status.containerStatuses ?? []).some(({ containerID }) => containerID !== undefined);

/** A condition that the log has told in an earlier commit keeps pods out, but for those that say that they bear it. */
export const fullHostsGetNothingNew: MakeInvariant = (cluster): Invariant => {
  const name = "nothing new goes to a full host";
  /** What each commit began with. */
  const pressed = new Map<string, ReadonlySet<string>>();
  return {
    name,
    accepted({ commit }) {
      for (const event of commit.events) {
        if (!changesNodes.has(event.type) || !("object" in event)) continue;
        const node = cluster.oracle.state.nodeByUid(event.object.uid);
        if (node) pressed.set(node.name, conditionsOf(node));
      }
    },
    before(event) {
      if (event.type !== "PodBound" || (pressed.get(event.node)?.size ?? 0) === 0) return;
      const { state } = cluster.oracle;
      const [node, pod] = [state.node(event.node), state.pod(event.object.uid)];
      if (!node || !pod) return;
      const now = conditionsOf(node);
      for (const condition of pressed.get(event.node) ?? [])
        must(
          !now.has(condition) || bears(pod.spec, { key: keys[condition] ?? "", effect: "NoSchedule" }),
          name,
          () => `${event.object.name} is bound to ${event.node} at ${event.position}, under ${condition}`,
        );
    },
  };
};

const changesNodes: ReadonlySet<string> = new Set(["NodeStatusObserved", "NodeRegistered"]);
const keys: Readonly<Record<string, string>> = {
  MemoryPressure: "node.kubernetes.io/memory-pressure",
  DiskPressure: "node.kubernetes.io/disk-pressure",
};

const conditionsOf = ({ observed }: NodeRow): ReadonlySet<string> =>
  new Set(
    (observed?.conditions ?? [])
      .filter(({ type, status }) => keys[type] !== undefined && status === "True")
      .map(({ type }) => type),
  );
