// One core's share of a campaign: runs the seeds that it is given, one after the other.

import { parentPort } from "node:worker_threads";
import { drawPlan } from "./plan.ts";
import { runPlan } from "./run.ts";

parentPort?.on("message", (seed: number) => {
  void runPlan(drawPlan(seed)).then((result) => parentPort?.postMessage(result));
});
