// One core's share of a campaign: runs the seeds that it is given, one after the other.

import { parentPort } from "node:worker_threads";
import { drawPlan } from "./plan.ts";
import { runPlan } from "./run.ts";

// A run makes many errors that are told and taken in its course; whoever replays a failure gets its stack.
Error.stackTraceLimit = 0;

parentPort?.on("message", (seed: number) => {
  void runPlan(drawPlan(seed)).then((result) => parentPort?.postMessage(result));
});
