// What only some runs have, each part drawn from a source of its own, behind everything else: a new one stands at the
// end of the list, and what the others draw stays what it was.

import type { HealthRates } from "./cluster/health.ts";
import type { HostRates } from "./cluster/host-pressure.ts";
import type { RegistryRates } from "./cluster/registry.ts";
import type { Draw } from "./engine/draw.ts";
import type { Fault } from "./faults/fault.ts";
import { drawImageFaults } from "./faults/images.ts";
import { drawPressureFaults } from "./faults/pressure.ts";
import type { Command } from "./workload/operation.ts";
import { drawTheme } from "./workload/themes.ts";
import { fenceSets, probed, refineContainers, variedRequests } from "./workload/refine.ts";

export interface Parts {
  readonly commands: readonly Command[];
  readonly faults: readonly Fault[];
  /** Memory and disks of the hosts are taken and watched; elsewhere there is enough of both. */
  readonly hosts?: HostRates;
  /** Programs are asked how they are; elsewhere they are always well. */
  readonly health?: HealthRates;
  /** Machines begin without images; elsewhere they have all. */
  readonly images?: RegistryRates;
}

interface Scope {
  readonly hasFaults: boolean;
  readonly troubleMs: number;
}
interface Part {
  /** Of all runs. */
  readonly share: number;
  draw(draw: Draw, before: Parts, scope: Scope): Partial<Parts>;
}

const leases: Part = {
  share: 0.26,
  draw: (draw, { commands }) => ({ commands: fenceSets(commands, draw.pick(["web", "api", "db"])) }),
};

const fullHosts: Part = {
  share: 0.4,
  draw: (draw, { commands, faults }, { hasFaults, troubleMs }) => ({
    hosts: {
      greedy: draw.next() * 0.4,
      intervalMs: draw.pick([2_000, 5_000, 10_000]),
      transitionMs: draw.pick([5_000, 30_000, 60_000]),
    },
    faults: hasFaults ? [...faults, ...drawPressureFaults(draw, troubleMs)] : faults,
    commands: refineContainers(draw, commands, variedRequests),
  }),
};

const probes: Part = {
  share: 0.3,
  draw: (draw, { commands }, { hasFaults }) => ({
    health: { unwell: hasFaults ? 0.3 + draw.next() * 0.6 : 0 },
    commands: refineContainers(draw, commands, probed),
  }),
};

const pulledImages: Part = {
  share: 0.3,
  draw: (draw, { faults }, { hasFaults, troubleMs }) => ({
    images: { pullMs: draw.spread(1, 20_000) },
    faults: hasFaults ? [...faults, ...drawImageFaults(draw, troubleMs)] : faults,
  }),
};

const themes: Part = {
  share: 0.15,
  draw: (draw, { commands }, { troubleMs }) => ({
    commands: [...commands, ...drawTheme(draw, troubleMs)],
  }),
};

const parts: readonly Part[] = [leases, fullHosts, probes, pulledImages, themes];

export function drawParts(draw: Draw, first: Parts, scope: Scope): Parts {
  let all = first;
  for (const part of parts) {
    const own = draw.fork();
    if (own.chance(part.share)) all = { ...all, ...part.draw(own, all, scope) };
  }
  return all;
}
