// Shrinks one plan beside a campaign, and tells of each smaller one that fails in the same way.

import { parentPort } from "node:worker_threads";
import type { Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";

const shrinkRuns = 400;

Error.stackTraceLimit = 0;

parentPort?.on("message", (plan: Plan) => {
  void shrink(plan, { runs: shrinkRuns, onStep: (smaller) => parentPort?.postMessage(smaller) }).then(() =>
    parentPort?.postMessage("done"),
  );
});
