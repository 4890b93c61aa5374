// Which pods of one node would have to go for a pod of higher priority: as few and as unimportant ones as possible,
// and none that a disruption budget keeps where that can be avoided
// (source: Kubernetes, the DefaultPreemption plugin's SelectVictimsOnNode).

import type { Uid } from "../../protocol/mod.ts";
import { isFinished, type PodRow, priorityOf, type SchedulingSnapshot } from "../cluster/mod.ts";
import type { Budgets } from "./budgets.ts";
import type { Candidate } from "./candidate.ts";
import { conflicts } from "./filters/host-ports.ts";

export interface Sacrifice {
  readonly candidate: Candidate;
  readonly victims: readonly PodRow[];
  /** Victims whose budgets do not allow it. */
  readonly violations: number;
}

interface Asked {
  readonly snapshot: SchedulingSnapshot;
  readonly pod: PodRow;
  readonly candidate: Candidate;
  readonly budgets: Budgets;
  /** Victims of this plan so far: their room is promised to others. */
  readonly going: ReadonlySet<Uid>;
}

/** Nothing when it would not fit even if all lower pods went. */
export function victimsOn(asked: Asked): Sacrifice | undefined {
  const { snapshot, pod, candidate, budgets, going } = asked;
  const priority = priorityOf(pod);
  const staying: PodRow[] = [];
  const lower: PodRow[] = [];
  for (const row of snapshot.podsOnNode(candidate.row.name)) {
    if (isFinished(row) || row.deletion || going.has(row.ref.uid)) continue;
    if (priorityOf(row) < priority) lower.push(row);
    else staying.push(row);
  }
  const below = snapshot.roomBelow(candidate.row.name, priority);
  const room = {
    cpuMilli: candidate.freeCpuMilli + below.cpuMilli,
    memoryBytes: candidate.freeMemoryBytes + below.memoryBytes,
    pods: candidate.freePods + below.pods,
  };
  const wanted = pod.requests;
  const fits = (): boolean =>
    (wanted.cpuMilli === 0 || wanted.cpuMilli <= room.cpuMilli) &&
    (wanted.memoryBytes === 0 || wanted.memoryBytes <= room.memoryBytes) &&
    wanted.pods <= room.pods;
  const collides = (row: PodRow): boolean =>
    row.hostPorts.some((theirs) => pod.hostPorts.some((mine) => conflicts(mine, theirs)));
  const taken = candidate.plannedHostPorts.some((port) =>
    pod.hostPorts.some((mine) => conflicts(mine, port)),
  );
  if (!fits() || taken || staying.some(collides)) return undefined;

  const victims: PodRow[] = [];
  let violations = 0;
  const spare = (row: PodRow, isKept: boolean): void => {
    room.cpuMilli -= row.requests.cpuMilli;
    room.memoryBytes -= row.requests.memoryBytes;
    room.pods -= row.requests.pods;
    if (fits() && !collides(row)) return;
    room.cpuMilli += row.requests.cpuMilli;
    room.memoryBytes += row.requests.memoryBytes;
    room.pods += row.requests.pods;
    victims.push(row);
    if (isKept) violations += 1;
  };
  const { kept, free } = budgets.split(lower.sort(moreImportantFirst));
  for (const row of kept) spare(row, true);
  for (const row of free) spare(row, false);
  return victims.length === 0 ? undefined : { candidate, victims, violations };
}

/** Higher priority first, then those that have run for longer. */
export const moreImportantFirst = (one: PodRow, other: PodRow): number =>
  priorityOf(other) - priorityOf(one) ||
  one.createdAt - other.createdAt ||
  (one.ref.uid < other.ref.uid ? -1 : 1);

/** Kubernetes' order of nodes: budgets, then the least important victims, then few, then young ones. */
export function lesserSacrifice(one: Sacrifice, other: Sacrifice): Sacrifice {
  const highest = ({ victims }: Sacrifice): number => Math.max(...victims.map(priorityOf));
  const sum = ({ victims }: Sacrifice): number =>
    victims.reduce((total, row) => total + priorityOf(row) + 2 ** 31, 0);
  const eldest = (sacrifice: Sacrifice): number =>
    Math.min(
      ...sacrifice.victims
        .filter((row) => priorityOf(row) === highest(sacrifice))
        .map(({ createdAt }) => createdAt),
    );
  const order =
    one.violations - other.violations ||
    highest(one) - highest(other) ||
    sum(one) - sum(other) ||
    one.victims.length - other.victims.length ||
    eldest(other) - eldest(one);
  return order <= 0 ? one : other;
}
