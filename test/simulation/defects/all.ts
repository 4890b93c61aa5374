// The suite of defects that the simulation must find.

import { agentDefects } from "./agents.ts";
import type { Defect } from "./defect.ts";
import { formerDefects } from "./former.ts";
import { journalDefects } from "./journal.ts";
import { masterDefects } from "./masters.ts";
import { placementDefects } from "./placement.ts";

export const defects: readonly Defect[] = [
  ...journalDefects,
  ...masterDefects,
  ...placementDefects,
  ...agentDefects,
  ...formerDefects,
];
