// The simulation's own figures, each beside its bound. Rates are by CPU time of this process, garbage collection and
// compilation included, so that other programs on the machine change little.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { runCampaign, type Totals } from "./campaign.ts";
import { faultClasses } from "./faults/all.ts";
import type { Plan } from "./plan.ts";
import { replayable, timesFired } from "./report.ts";
import { runPlan } from "./run.ts";
import { podTemplate } from "./workload/pods.ts";

const leastEventsPerSecond = 100_000;
const leastTimesRealTime = 1_000;
const leastSeeds = 1_500;
const campaignSeconds = 600;
const cores = 2;
const leastFired = 1_000;
const calmNodes = 20;
/** Long enough for the time in which it comes up to count little. */
const calmSeconds = 1_800;

export interface Figure {
  readonly isMet: boolean;
  readonly text: string;
}

/** `from`: the first of the seeds that are run. */
export async function* bench(from: number, progress: () => (totals: Totals) => void): AsyncGenerator<Figure> {
  yield* calmFigures();
  const began = performance.now();
  const showProgress = progress();
  const totals = await runCampaign({
    from,
    seconds: campaignSeconds,
    jobs: cores,
    onResult: (_result, soFar) => showProgress(soFar),
  });
  yield* campaignFigures(totals, from, (performance.now() - began) / 60_000);
  yield defectsFigure();
}

async function* calmFigures(): AsyncGenerator<Figure> {
  // The first run is compiled as it goes.
  await runPlan(calmPlan(), { untilMs: calmSeconds * 500 });
  const before = process.cpuUsage();
  const { failure, virtualMs, events } = await runPlan(calmPlan(), { untilMs: calmSeconds * 1000 });
  const cpuMs = cpuSince(before);
  const times = virtualMs / cpuMs;
  yield {
    isMet: !failure && times >= leastTimesRealTime,
    text: `${whole(times)} times real time for a calm cluster of ${calmNodes} nodes (at least ${whole(leastTimesRealTime)}); ${whole((events / cpuMs) * 1000)} events a second`,
  };
}

function* campaignFigures(totals: Totals, from: number, minutes: number): Generator<Figure> {
  const { seeds, events, cpuMs, troubled, failures, coverage } = totals;
  const rate = (events / cpuMs) * 1000;
  yield {
    isMet: rate >= leastEventsPerSecond,
    text: `${whole(rate)} simulated events a second a core, invariants on (at least ${whole(leastEventsPerSecond)}); ${whole((troubled.events / troubled.realMs) * 1000)} a second by the clock until everything was as asked, ${whole((100 * troubled.events) / events)}% of them`,
  };
  yield {
    isMet: failures.length === 0 && seeds >= leastSeeds,
    text: `${whole(seeds)} seeds from ${from} in ${minutes.toFixed(1)} minutes on ${cores} cores (at least ${whole(leastSeeds)}), ${failures.length} failed (none)${failures.map((failure) => `\n  ${replayable(failure)}`).join("")}`,
  };
  const fired = faultClasses.map(({ type }) => ({ type, times: timesFired(coverage.faults, type) }));
  const rare = fired.filter(({ times }) => times < leastFired);
  yield {
    isMet: rare.length === 0,
    text: `${fired.length - rare.length} of ${fired.length} fault classes fired at least ${whole(leastFired)} times${rare.map(({ type, times }) => `; ${type} ${times}`).join("")}`,
  };
}

/** The suite of defects prints its own table. */
async function defectsFigure(): Promise<Figure> {
  const main = join(import.meta.dirname, "defects", "main.ts");
  const child = spawn(process.execPath, [main], { stdio: "inherit" });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  return { isMet: code === 0, text: "every defect of the suite is found" };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** Three masters, twenty nodes, a handful of workloads, no faults. */
function calmPlan(): Plan {
  const nodes = Array.from({ length: calmNodes }, (_, index) => ({
    name: `n${index + 1}`,
    labels: {},
    cpuMilli: 4_000,
    memoryBytes: 4 * 2 ** 30,
    pods: 110,
  }));
  const commands = ["web", "api", "db"].map((name, index) => ({
    at: 2_000 + index * 500,
    user: 0,
    operation: {
      do: "apply",
      object: {
        apiVersion: "v1",
        kind: "ReplicationController",
        metadata: { namespace: "default", name },
        spec: {
          replicas: 20,
          selector: { app: name },
          template: podTemplate(name, { cpuMilli: 100, graceSeconds: 5, image: "app:1" }),
        },
      },
    } as const,
  }));
  return {
    seed: 1,
    masters: ["m1", "m2", "m3"],
    nodes,
    users: ["user-1"],
    watches: {},
    network: { latencyMs: 0.3, jitterMs: 0 },
    programs: { exits: 0, missing: 0, stopsSlowly: 0, ignoresStop: 0 },
    troubleMs: 2 * calmSeconds * 1000,
    faults: [],
    commands,
    invariants: true,
  };
}
