// Draws what users do. Few names and few kinds in one run, so that they meet: conflicting writers, deletions and
// re-creations of one name.

import type { ApiObject } from "../../../protocol/mod.ts";
import type { Draw } from "../engine/draw.ts";
import { simulatedKinds } from "./kinds/all.ts";
import type { Place, SimulatedKind } from "./kinds/kind.ts";
import { namespaceManifest, serviceManifest } from "./manifests.ts";
import type { Command, Operation } from "./operation.ts";
import { drawPod, drawWorker, podManifest } from "./pods.ts";

export interface Scope {
  readonly actors: { readonly nodes: readonly string[]; readonly users: readonly string[] };
  readonly troubleMs: number;
}

const spaces = ["default", "default", "default", "blue"] as const;
const names = ["web", "api", "db"] as const;
const soloNames = 3;

export function drawCommands(draw: Draw, { actors, troubleMs }: Scope): readonly Command[] {
  const count = draw.spread(4, 120);
  const kinds = drawKinds(draw);
  const commands: Command[] = [];
  for (let made = 0; made < count; made++) {
    // The first ones early, so that faults meet something.
    const at = 1_000 + (made < 4 ? draw.next() * 4_000 : draw.next() * (troubleMs - 1_000));
    commands.push({
      at,
      user: draw.below(actors.users.length),
      operation: drawOperation(draw, kinds, actors.nodes),
    });
  }
  return commands.sort((one, other) => one.at - other.at);
}

/** Some runs have all kinds; most have few, and much of each. */
function drawKinds(draw: Draw): readonly SimulatedKind[] {
  if (draw.chance(0.15)) return simulatedKinds;
  const choices = simulatedKinds.map((kind) => [kind.weight, kind] as const);
  return [...new Set(Array.from({ length: draw.between(1, 4) }, () => draw.weighted(choices)))];
}

type Drawn = () => Operation;

function drawOperation(draw: Draw, kinds: readonly SimulatedKind[], nodes: readonly string[]): Operation {
  const kind = draw.pick(kinds);
  const at: Place = { namespace: draw.pick(spaces), name: draw.pick(kind.names ?? names) };
  return draw.weighted<Drawn>([
    ...onWorkloads(draw, kind, at),
    ...onPods(draw),
    ...onNodes(draw, nodes),
    [
      6,
      () => ({
        do: "apply",
        object: serviceManifest(draw.pick(spaces), draw.pick(names), draw.pick([80, 81])),
      }),
    ],
    [2, () => ({ do: "create", object: namespaceManifest("blue") })],
    [1, () => ({ do: "delete", kind: "Namespace", namespace: "blue", name: "blue" })],
    [2, () => ({ do: "delete", kind: "Service", namespace: at.namespace, name: draw.pick(names) })],
    [
      14,
      () => ({
        do: "list",
        kind: draw.pick(["Pod", "Pod", kind.kind, "Service", "Node"]),
        stale: draw.chance(0.3),
        newcomer: draw.chance(0.5),
      }),
    ],
    [1, () => ({ do: "status" })],
    [1, () => ({ do: "why-some-pod" })],
    [1, () => ({ do: "events" })],
    [6, () => ({ do: "nonsense", roll: draw.next() })],
  ])();
}

function onWorkloads(draw: Draw, simulated: SimulatedKind, at: Place): readonly (readonly [number, Drawn])[] {
  const { kind, scales, rolls, edit } = simulated;
  return [
    [edit ? 16 : 20, () => ({ do: "apply", object: simulated.manifest(draw, at) })],
    [edit ? 14 : 0, () => ({ do: "edit", kind, ...at, patch: edit?.(draw) ?? {} })],
    [
      scales ? 10 : 0,
      () => ({ do: "scale", kind: scales ?? "ReplicaSet", ...at, replicas: draw.spread(1, 16) - 1 }),
    ],
    [rolls ? 3 : 0, () => ({ do: "undo", kind: rolls ?? "Deployment", ...at })],
    [
      5,
      () => ({
        do: "delete",
        kind,
        ...at,
        propagation: draw.pick(["Background", "Background", "Foreground", "Orphan"]),
      }),
    ],
  ];
}

function onPods(draw: Draw): readonly (readonly [number, Drawn])[] {
  const namespace = draw.pick(spaces);
  const name = `solo-${draw.below(soloNames)}`;
  const manifest = (): ApiObject => {
    const worker = { ...drawWorker(draw), restartPolicy: "Never" } as const;
    return podManifest(namespace, name, draw.pick(names), draw.chance(0.5) ? worker : drawPod(draw));
  };
  return [
    [5, () => ({ do: "create", object: manifest() })],
    [3, () => ({ do: "apply", object: manifest() })],
    [2, () => ({ do: "delete", kind: "Pod", namespace, name })],
    [8, () => drawPodMeddling(draw)],
  ];
}

function onNodes(draw: Draw, nodes: readonly string[]): readonly (readonly [number, Drawn])[] {
  const node = draw.pick(nodes);
  return [
    [3, () => ({ do: draw.chance(0.4) ? "cordon" : "uncordon", node })],
    [1, () => ({ do: "drain", node })],
    [3, () => ({ do: "taint", node, effect: draw.pick(["NoSchedule", "NoExecute", "none", "none"]) })],
  ];
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
