// Mistakes about where pods go. Scheduler and committer both check most of it, so both have to be wrong.

import type { Defect } from "./defect.ts";

const decidePods = "master/cluster/decide-pods.ts";
const room = "master/cluster/node-room.ts";

export const placementDefects: readonly Defect[] = [
  {
    name: "equals-make-way",
    about: "a pod takes the place of pods that matter as much",
    patches: [
      {
        file: "master/cluster/decide-preemption.ts",
        find: "priorityOf(victim) >= priorityOf(pod)",
        put: "priorityOf(victim) > priorityOf(pod)",
      },
      {
        file: "master/scheduler/victims.ts",
        find: "if (priorityOf(row) < priority) lower.push(row);",
        put: "if (priorityOf(row) <= priority) lower.push(row);",
      },
      {
        file: "master/scheduler/victims.ts",
        find: "snapshot.roomBelow(candidate.row.name, priority);",
        put: "snapshot.roomBelow(candidate.row.name, priority + 1);",
      },
      {
        file: "master/scheduler/preemption.ts",
        find: "this.#snapshot.roomBelow(candidate.row.name, priority);",
        put: "this.#snapshot.roomBelow(candidate.row.name, priority + 1);",
      },
    ],
  },
  {
    name: "nobody-makes-way",
    about: "a pod that fits nowhere waits, whatever it matters",
    patches: [
      {
        file: "master/scheduler/preemption.ts",
        find: "    if (!best) return false;",
        put: "    if (best || !best) return false;",
      },
    ],
  },
  {
    name: "double-bind",
    about: "a pod that is bound is offered to the scheduler again, and the committer agrees",
    patches: [
      {
        file: decidePods,
        find: "if (pod.node !== undefined)\n    return failure",
        put: "if (pod.node === command.node)\n    return failure",
      },
      {
        file: "master/scheduling.ts",
        find: "for (const row of state.podsWaiting()) {",
        put: "for (const row of state.pods()) {\n      if (row.deletion || isGone(row)) continue;",
      },
      {
        file: "master/scheduling.ts",
        find: "type Wanted =",
        put: 'const isGone = (row: PodRow): boolean => row.status.phase === "Succeeded" || row.status.phase === "Failed";\ntype Wanted =',
      },
    ],
  },
  {
    name: "over-commitment",
    about: "requests are not summed up",
    patches: [
      {
        file: room,
        find: "if (requests[resource] > 0 && requests[resource] > free) {",
        put: "if (requests[resource] < 0 && requests[resource] > free) {",
      },
      {
        file: "master/scheduler/filters/resources.ts",
        find: "if (!cpu && !memory && !count) return undefined;",
        put: "if (!count) return undefined;",
      },
    ],
  },
  {
    name: "cordon-is-ignored",
    about: "a cordoned node takes new pods",
    patches: [
      {
        file: room,
        find: "if (node.unschedulable && !tolerates(",
        put: 'if (node.unschedulable && node.state === "Lost" && !tolerates(',
      },
      {
        file: "master/scheduler/filters/cordon.ts",
        find: "(candidate.row.unschedulable ? reasons : undefined)",
        put: '(candidate.row.state === "Lost" ? reasons : undefined)',
      },
    ],
  },
  {
    name: "taints-are-ignored",
    about: "a taint keeps nobody out",
    patches: [
      {
        file: "master/scheduler/filters/taints.ts",
        find: 'taint.effect !== "PreferNoSchedule" &&',
        put: 'taint.effect === "PreferNoSchedule" &&',
      },
    ],
  },
  {
    name: "host-port-is-given-twice",
    about: "two pods of one node get the same host port",
    patches: [
      {
        file: room,
        find: "const port = hostPorts.find((wanted) => state",
        put: 'const port = hostPorts.find((wanted) => wanted === "" && state',
      },
      {
        file: "master/scheduler/filters/host-ports.ts",
        find: "pod.hostPorts.length === 0\n",
        put: "pod.hostPorts.length >= 0\n",
      },
    ],
  },
  {
    name: "node-selector-is-ignored",
    about: "a pod goes to a node without the labels that it asks for",
    patches: [
      {
        file: "master/scheduler/filters/mod.ts",
        find: "nodeSelector,\n",
        put: "\n",
      },
    ],
  },
];
