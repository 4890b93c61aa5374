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

/** Commands that a run begins with: something has to be there when faults begin. */
const firstCommands = 4;

export function drawCommands(draw: Draw, { actors, troubleMs }: Scope): readonly Command[] {
  const times = Array.from({ length: draw.spread(4, 120) }, (_, made) =>
    made < firstCommands ? draw.next() * 4_000 : draw.next() * (troubleMs - 1_000),
  ).sort((one, other) => one - other);
  const kinds = drawKinds(draw);
  /** What has been applied so far: changes are mostly about that. */
  const made: Made[] = [];
  return times.map((at, index) => ({
    at: 1_000 + at,
    user: draw.below(actors.users.length),
    operation:
      index < firstCommands - 1
        ? applied(draw, draw.pick(kinds), made)
        : drawOperation(draw, { kinds, made, nodes: actors.nodes }),
  }));
}

interface Made {
  readonly simulated: SimulatedKind;
  readonly at: Place;
}

function applied(draw: Draw, simulated: SimulatedKind, made: Made[]): Operation {
  const at: Place = { namespace: draw.pick(spaces), name: draw.pick(simulated.names ?? names) };
  made.push({ simulated, at });
  return { do: "apply", object: simulated.manifest(draw, at) };
}

/** Some runs have all kinds; most have few, and much of each. */
function drawKinds(draw: Draw): readonly SimulatedKind[] {
  if (draw.chance(0.15)) return simulatedKinds;
  const choices = simulatedKinds.map((kind) => [kind.weight, kind] as const);
  return [...new Set(Array.from({ length: draw.between(1, 4) }, () => draw.weighted(choices)))];
}

type Drawn = () => Operation;

interface Drawing {
  readonly kinds: readonly SimulatedKind[];
  readonly made: Made[];
  readonly nodes: readonly string[];
}

function drawOperation(draw: Draw, { kinds, made, nodes }: Drawing): Operation {
  const kind = draw.pick(kinds);
  const about =
    made.length > 0 && draw.chance(0.9)
      ? draw.pick(made)
      : { simulated: kind, at: { namespace: draw.pick(spaces), name: draw.pick(kind.names ?? names) } };
  return draw.weighted<Drawn>([
    [16, () => (draw.chance(0.6) ? applied(draw, kind, made) : again(draw, about))],
    ...onWorkloads(draw, about),
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
    [2, () => ({ do: "delete", kind: "Service", namespace: draw.pick(spaces), name: draw.pick(names) })],
    [
      14,
      () => ({
        do: "list",
        kind: draw.pick(["Pod", "Pod", kind.kind, "Service", "Node"]),
        stale: draw.chance(0.3),
        newcomer: draw.chance(0.5),
      }),
    ],
    [
      kinds.some((one) => one.kind === "HorizontalPodAutoscaler") ? 10 : 0,
      () => ({ do: "publish-metric", namespace: draw.pick(spaces), value: draw.below(120) }),
    ],
    [1, () => ({ do: "status" })],
    [1, () => ({ do: "why-some-pod" })],
    [1, () => ({ do: "events" })],
    [6, () => ({ do: "nonsense", roll: draw.next() })],
  ])();
}

/** The same object with other wishes. */
const again = (draw: Draw, { simulated, at }: Made): Operation => ({
  do: "apply",
  object: simulated.manifest(draw, at),
});

function onWorkloads(draw: Draw, { simulated, at }: Made): readonly (readonly [number, Drawn])[] {
  const { kind, scales, rolls, edit, act } = simulated;
  return [
    [act ? 24 : 0, () => act?.(draw) ?? { do: "status" }],
    [edit ? 16 : 0, () => ({ do: "edit", kind, ...at, patch: edit?.(draw) ?? {} })],
    [
      scales ? 10 : 0,
      () => ({ do: "scale", kind: scales ?? "ReplicaSet", ...at, replicas: draw.spread(1, 16) - 1 }),
    ],
    [rolls ? 3 : 0, () => ({ do: "undo", kind: rolls ?? "Deployment", ...at })],
    [
      4,
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
