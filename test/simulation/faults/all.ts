// Every fault class, and how a seed draws from them.

import type { Draw } from "../engine/draw.ts";
import { connectionFaults } from "./connections.ts";
import type { Fault, FaultClass } from "./fault.ts";
import { hostFaults } from "./hosts.ts";
import { hostileFaults } from "./hostile.ts";
import { imageFaults } from "./images.ts";
import { messageFaults } from "./messages.ts";
import { pressureFaults } from "./pressure.ts";
import { processFaults } from "./processes.ts";
import { versionFaults } from "./versions.ts";

const drawnByWeight: readonly FaultClass[] = [
  ...messageFaults,
  ...connectionFaults,
  ...processFaults,
  ...hostFaults,
  ...hostileFaults,
];
export const faultClasses: readonly FaultClass[] = [
  ...drawnByWeight,
  ...versionFaults,
  ...pressureFaults,
  ...imageFaults,
];

export const classOf = (type: string): FaultClass => {
  const found = faultClasses.find((each) => each.type === type);
  if (!found) throw new Error(`there is no fault class ${JSON.stringify(type)}`);
  return found;
};

/** At full brutality, one fault in so long. */
const shortestGapMs = 250;

export interface FaultScope {
  /** From 0, none, to 1. */
  readonly brutality: number;
  readonly troubleMs: number;
  readonly actors: unknown;
}

export function drawFaults(draw: Draw, { brutality, troubleMs }: FaultScope): readonly Fault[] {
  const count = Math.round((troubleMs / shortestGapMs) * brutality);
  // Each seed has its own mixture: most classes, some of them much more often.
  const weights = drawnByWeight.map((each): readonly [number, FaultClass] => [
    draw.chance(0.25) ? 0 : each.weight * (draw.chance(0.15) ? 6 : 1),
    each,
  ]);
  const faults: Fault[] = [];
  for (let made = 0; made < count; made++) {
    const { type, lasts } = draw.weighted(weights);
    faults.push({
      at: 500 + draw.next() * (troubleMs - 500),
      type,
      target: draw.below(1_000),
      lastsMs: draw.spread(...lasts),
      roll: draw.next(),
    });
  }
  return faults.sort((one, other) => one.at - other.at);
}
