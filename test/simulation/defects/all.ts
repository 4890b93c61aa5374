// The suite of defects that the simulation must find.

import { agentDefects } from "./agents.ts";
import { batchDefects } from "./batches.ts";
import type { Defect } from "./defect.ts";
import { formerDefects } from "./former.ts";
import { journalDefects } from "./journal.ts";
import { masterDefects } from "./masters.ts";
import { placementDefects } from "./placement.ts";
import { pressureDefects } from "./pressure.ts";
import { probeDefects } from "./probes.ts";
import { versionDefects } from "./versions.ts";
import { volumeDefects } from "./volumes.ts";
import { workloadDefects } from "./workloads.ts";

export const defects: readonly Defect[] = [
  ...journalDefects,
  ...masterDefects,
  ...placementDefects,
  ...workloadDefects,
  ...volumeDefects,
  ...batchDefects,
  ...agentDefects,
  ...pressureDefects,
  ...probeDefects,
  ...versionDefects,
  ...formerDefects,
];
