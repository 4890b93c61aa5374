// Every kind that users of the simulation work with.

import { autoscaler } from "./autoscaler.ts";
import { configs } from "./configs.ts";
import { cronJob } from "./cron-job.ts";
import { daemonSet } from "./daemon-set.ts";
import { deployment } from "./deployment.ts";
import { disruptionBudget } from "./disruption-budget.ts";
import { job } from "./job.ts";
import type { SimulatedKind } from "./kind.ts";
import { priorityClass } from "./priority-class.ts";
import { replicators } from "./replicators.ts";
import { statefulSet } from "./stateful-set.ts";

export const simulatedKinds: readonly SimulatedKind[] = [
  ...replicators,
  deployment,
  daemonSet,
  statefulSet,
  job,
  cronJob,
  disruptionBudget,
  ...configs,
  autoscaler,
  priorityClass,
];
