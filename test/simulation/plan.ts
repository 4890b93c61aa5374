// A run as data, drawn from its seed: who is there, what users do, which faults happen when. A plan is all that a
// run depends on, so a shrunk plan is a smaller run.

import type { KindName } from "../../protocol/mod.ts";
import type { ProgramRates } from "./cluster/programs.ts";
import type { NodeShape } from "./cluster/sim-node.ts";
import { drawEnding, type Ending } from "./ending.ts";
import { Draw } from "./engine/draw.ts";
import { drawFaults } from "./faults/all.ts";
import { simulatedKinds } from "./workload/kinds/all.ts";
import { drawParts, type Parts } from "./parts.ts";
import { drawLasting, type LastingFault } from "./faults/lasting.ts";
import { drawVersionFaults } from "./faults/versions.ts";
import { drawCommands } from "./workload/draw-commands.ts";
import { zoneLabel } from "./workload/pods.ts";

export interface Plan extends Parts {
  readonly seed: number;
  readonly masters: readonly string[];
  readonly nodes: readonly NodeShape[];
  readonly users: readonly string[];
  /** What some users watch all the time. */
  readonly watches: Readonly<Record<string, KindName>>;
  readonly network: { readonly latencyMs: number; readonly jitterMs: number };
  readonly programs: ProgramRates;
  /** Virtual ms until the last fault and the last command. */
  readonly troubleMs: number;
  /** What stays wrong when all other faults are over. */
  readonly lasting?: readonly LastingFault[];
  readonly ending?: Ending;
  readonly invariants: boolean;
}

const watchedKinds = [
  ...(["Pod", "Pod", "Pod", "Service", "Node"] as const),
  ...simulatedKinds.map(({ kind }) => kind),
];

export function drawPlan(seed: number): Plan {
  const draw = new Draw(seed);
  const shape = draw.fork();
  const masters = names(
    "m",
    shape.weighted([
      [2, 1],
      [2, 2],
      [6, 3],
      [1, 4],
      [1, 5],
    ]),
  );
  const size = shape.weighted([
    [70, shape.between(3, 6)],
    [25, shape.between(7, 14)],
    [4, shape.between(15, 40)],
    [0.3, 200],
  ] as const);
  const nodes = names("n", size).map((name) => drawNode(name, shape));
  const users = names("user-", shape.between(1, 4));
  // Few faults a minute, or very many.
  const brutality = shape.chance(0.08) ? 0 : shape.spread(1, 40) / 40;
  // Large clusters cost more by the second.
  const troubleMs = (size > 14 ? 20 : Math.round(shape.spread(20, 180))) * 1000;
  const actors = { masters, nodes: nodes.map(({ name }) => name), users };
  const programTrouble = shape.chance(0.4) ? brutality : 0;
  const faults = drawFaults(draw.fork(), { actors, brutality, troubleMs });
  const commands = drawCommands(draw.fork(), { actors, troubleMs });
  const end = endPart(draw.fork(), masters, actors.nodes);
  const versions = brutality > 0 ? drawVersionFaults(draw.fork(), troubleMs) : [];
  const parts = drawParts(
    draw,
    { commands, faults: [...faults, ...versions] },
    { hasFaults: brutality > 0, troubleMs },
  );
  return {
    seed,
    masters,
    nodes,
    users,
    watches: Object.fromEntries(
      users.filter(() => shape.chance(0.65)).map((name) => [name, shape.pick(watchedKinds)]),
    ),
    network: {
      latencyMs: shape.spread(1, 40) / 10,
      jitterMs: shape.chance(0.5) ? shape.spread(1, 30) / 10 : 0,
    },
    programs: {
      exits: programTrouble * 0.3,
      missing: programTrouble * 0.05,
      stopsSlowly: shape.next() * 0.6,
      ignoresStop: shape.chance(0.3) ? 0.1 : 0,
    },
    troubleMs,
    ...parts,
    faults: parts.faults.toSorted((one, other) => one.at - other.at),
    ...end,
    invariants: true,
  };
}

/** A fifth of all seeds runs in the second mode; a few of the others end badly. */
function endPart(
  draw: Draw,
  masters: readonly string[],
  nodes: readonly string[],
): Pick<Plan, "lasting" | "ending"> {
  const lasting = draw.chance(0.2) ? drawLasting(draw, masters, nodes) : [];
  if (lasting.length > 0) return { lasting };
  const ending = drawEnding(draw);
  return ending ? { ending } : {};
}

function drawNode(name: string, draw: Draw): NodeShape {
  return {
    name,
    labels: { [zoneLabel]: draw.pick(["a", "b"]) },
    cpuMilli: draw.pick([1_000, 2_000, 4_000]),
    memoryBytes: draw.pick([1, 2, 4]) * 2 ** 30,
    pods: draw.weighted([
      [8, 110],
      [1, 5],
    ]),
  };
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
