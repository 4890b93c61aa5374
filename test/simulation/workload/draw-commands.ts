// Draws what users do. Few names, so that they meet: conflicting writers, deletions and re-creations of one name.

import type { Draw } from "../engine/draw.ts";
import type { Command, Operation, PodShape, WorkloadKind } from "./operation.ts";
import { registeredWorkloads } from "./registry.ts";

export interface Scope {
  readonly actors: { readonly nodes: readonly string[]; readonly users: readonly string[] };
  readonly troubleMs: number;
}

const spaces = ["default", "default", "default", "blue"] as const;

export function drawCommands(draw: Draw, { actors, troubleMs }: Scope): readonly Command[] {
  const count = draw.spread(4, 120);
  const commands: Command[] = [];
  for (let made = 0; made < count; made++) {
    // The first ones early, so that faults meet something.
    const at = 1_000 + (made < 4 ? draw.next() * 4_000 : draw.next() * (troubleMs - 1_000));
    commands.push({
      at,
      user: draw.below(actors.users.length),
      operation: drawOperation(draw, actors.nodes),
    });
  }
  return commands.sort((one, other) => one.at - other.at);
}

function drawOperation(draw: Draw, nodes: readonly string[]): Operation {
  const namespace = draw.pick(spaces);
  const name = draw.pick(["web", "api", "db"]);
  const kind = draw.pick(registeredWorkloads);
  const make: () => Operation = draw.weighted<() => Operation>([
    [
      20,
      () => ({
        do: "apply-workload",
        kind,
        namespace,
        name,
        replicas: draw.spread(1, 16) - 1,
        pod: drawPod(draw),
      }),
    ],
    [12, () => ({ do: "scale", kind, namespace, name, replicas: draw.spread(1, 20) - 1 })],
    [
      5,
      () => ({ do: "create-pod", namespace, name: `solo-${draw.below(3)}`, app: name, pod: drawSolo(draw) }),
    ],
    [
      3,
      () => ({ do: "apply-pod", namespace, name: `solo-${draw.below(3)}`, app: name, pod: drawSolo(draw) }),
    ],
    [6, () => ({ do: "apply-service", namespace, name, app: name, port: draw.pick([80, 81]) })],
    [6, () => drawDeletion(draw, kind, namespace, name)],
    [8, () => drawPodMeddling(draw)],
    [2, () => ({ do: "create-namespace", name: "blue" })],
    [1, () => ({ do: "delete", kind: "Namespace", namespace: "blue", name: "blue" })],
    [3, () => ({ do: draw.chance(0.4) ? "cordon" : "uncordon", node: draw.pick(nodes) })],
    [1, () => ({ do: "drain", node: draw.pick(nodes) })],
    [
      3,
      () => ({
        do: "taint",
        node: draw.pick(nodes),
        effect: draw.pick(["NoSchedule", "NoExecute", "none", "none"]),
      }),
    ],
    [
      14,
      () => ({
        do: "list",
        kind: draw.pick(["Pod", "Pod", kind, "Service", "Node"]),
        stale: draw.chance(0.3),
        newcomer: draw.chance(0.5),
      }),
    ],
    [1, () => ({ do: "status" })],
    [1, () => ({ do: "why-some-pod" })],
    [1, () => ({ do: "events" })],
    [6, () => ({ do: "nonsense", roll: draw.next() })],
  ]);
  return make();
}

function drawPod(draw: Draw): PodShape {
  return {
    cpuMilli: draw.pick([10, 100, 250, 900]),
    graceSeconds: draw.pick([0, 1, 5, 10, 30]),
    version: draw.between(1, 3),
    ...(draw.chance(0.15) && { zone: draw.pick(["a", "b", "nowhere"]) }),
    ...(draw.chance(0.3) && { toleratesSpot: true }),
    ...(draw.chance(0.25) && { hostPort: 8080 }),
  };
}

const drawSolo = (draw: Draw): PodShape => ({ ...drawPod(draw), ...(draw.chance(0.5) && { job: true }) });

function drawDeletion(draw: Draw, kind: WorkloadKind, namespace: string, name: string): Operation {
  const what = draw.weighted<"workload" | "Service" | "Pod">([
    [5, "workload"],
    [2, "Service"],
    [2, "Pod"],
  ]);
  const base = { do: "delete", namespace } as const;
  if (what === "Service") return { ...base, kind: "Service", name };
  if (what === "Pod") return { ...base, kind: "Pod", name: `solo-${draw.below(3)}` };
  return {
    ...base,
    kind,
    name,
    propagation: draw.pick(["Background", "Background", "Foreground", "Orphan"]),
  };
}

function drawPodMeddling(draw: Draw): Operation {
  const what = draw.pick([
    "delete-some-pod",
    "delete-some-pod",
    "evict-some-pod",
    "relabel-some-pod",
  ] as const);
  const grace = draw.chance(0.3) ? { graceSeconds: draw.pick([0, 1, 3]) } : {};
  return { do: what, pick: draw.next(), ...grace };
}
