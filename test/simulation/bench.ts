// The simulation's own figures: events a second on one core with all invariants on, and how much faster than real
// time a calm cluster of 20 nodes runs.

import { drawPlan, type Plan } from "./plan.ts";
import { runPlan } from "./run.ts";
import { podTemplate } from "./workload/pods.ts";

const calmNodes = 20;
const calmSeconds = 600;
const warmSeeds = 40;
const measuredSeeds = 160;

export interface BenchFigures {
  readonly eventsPerSecond: number;
  readonly calmTimesRealTime: number;
  readonly calmEventsPerSecond: number;
  readonly seedsPerMinute: number;
}

export async function bench(): Promise<BenchFigures> {
  for (let seed = 1; seed <= warmSeeds; seed++) await runPlan(drawPlan(seed));
  let events = 0;
  let realMs = 0;
  for (let seed = 1_001; seed <= 1_000 + measuredSeeds; seed++) {
    const result = await runPlan(drawPlan(seed));
    events += result.events;
    realMs += result.realMs;
  }
  const calm = await runPlan(calmPlan(), { untilMs: calmSeconds * 1000 });
  if (calm.failure) throw new Error(`the calm cluster fails: ${calm.failure.message}`);
  return {
    eventsPerSecond: (events / realMs) * 1000,
    calmTimesRealTime: calm.virtualMs / calm.realMs,
    calmEventsPerSecond: (calm.events / calm.realMs) * 1000,
    seedsPerMinute: (measuredSeeds / realMs) * 60_000,
  };
}

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
