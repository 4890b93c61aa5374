// Whatever happens to its pods and nodes, a job counts each completion once and gets exactly what it asked for.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Uid } from "../../protocol/mod.ts";
import { createClusterState } from "../cluster/cluster.ts";
import { evolve } from "../cluster/evolve.ts";
import { type Given, givenCluster, nodeOf, register } from "../cluster/given.ts";
import { checkInvariants } from "../cluster/invariants.ts";
import {
  activePodsOf,
  conditionsOf,
  finish,
  job,
  jobStatus,
  lose,
  pass,
  rowOf,
  run,
} from "./batch-fixtures.ts";
import { runPods, settle } from "./settling.ts";

const nodes = ["n1", "n2"] as const;
const index = fc.nat({ max: 5 });
const node = fc.constantFrom(...nodes);
const step = fc.oneof(
  fc.record({ type: fc.constant("run" as const), index, node }),
  fc.record({ type: fc.constant("finish" as const), index, exitCode: fc.constantFrom(0, 0, 1) }),
  fc.record({ type: fc.constant("delete" as const), index, force: fc.boolean(), settled: fc.boolean() }),
  fc.record({ type: fc.constant("lose" as const), node }),
  fc.record({ type: fc.constant("return" as const), node, rebooted: fc.boolean() }),
  fc.record({ type: fc.constant("parallelism" as const), parallelism: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ type: fc.constant("suspend" as const), suspend: fc.boolean() }),
  fc.record({ type: fc.constant("pass" as const), seconds: fc.nat({ max: 400 }) }),
  fc.record({ type: fc.constant("new leader" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const patch = (cluster: Given, spec: Readonly<Record<string, unknown>>): void => {
  cluster.run({ type: "PatchObject", kind: "Job", namespace: "default", name: "work", patch: { spec } });
};

function take(cluster: Given, step: Step): void {
  const active = activePodsOf(cluster, "Job", "work");
  const pod = "index" in step && active.length > 0 ? active[step.index % active.length] : undefined;
  const isLost = "node" in step && nodeOf(cluster, step.node).state === "Lost";
  if (step.type === "run" && pod?.node === undefined && pod && !isLost) run(cluster, pod, step.node);
  else if (
    step.type === "finish" &&
    pod &&
    (pod.node !== undefined || nodeOf(cluster, "n1").state === "Ready")
  ) {
    finish(cluster, pod, step.exitCode);
  } else if (step.type === "delete" && pod) {
    // What is not settled at once comes in the same turn as what follows it.
    const haste = step.force ? { gracePeriodSeconds: 0 } : {};
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: pod.ref.name, ...haste });
    if (!step.settled) return;
  } else if (step.type === "lose" && !isLost) lose(cluster, step.node);
  else if (step.type === "return")
    register(cluster, step.node, step.rebooted ? { bootId: `boot-${cluster.log.length}` } : {});
  else if (step.type === "parallelism") patch(cluster, { parallelism: step.parallelism });
  else if (step.type === "suspend") patch(cluster, { suspend: step.suspend });
  else if (step.type === "pass") cluster.now += step.seconds * 1000;
  else if (step.type === "new leader") cluster.state.markAllDirty();
  settle(cluster);
}

/** Pods that ended well before the job had done with them, as the log tells it. */
function successesInLog({ log }: Given): number {
  const ended = new Map<Uid, string>();
  const released = new Set<Uid>();
  for (const event of log) {
    if (!("object" in event) || event.object.kind !== "Pod") continue;
    const { uid } = event.object;
    if (event.type === "FinalizerRemoved" && !ended.has(uid)) released.add(uid);
    const phase =
      event.type === "PodStatusObserved" ? event.status.phase : event.type === "PodFailed" ? "Failed" : "";
    if ((phase === "Succeeded" || phase === "Failed") && !ended.has(uid) && !released.has(uid))
      ended.set(uid, phase);
  }
  return [...ended.values()].filter((phase) => phase === "Succeeded").length;
}

function finishAll(cluster: Given): void {
  for (const name of nodes) if (nodeOf(cluster, name).state !== "Ready") register(cluster, name);
  patch(cluster, { parallelism: 2, suspend: false });
  settle(cluster);
  for (
    let round = 0;
    round < 20 && conditionsOf(cluster, "work").every((text) => !text.startsWith("Complete"));
    round++
  ) {
    for (const pod of activePodsOf(cluster, "Job", "work")) finish(cluster, pod, 0);
    runPods(cluster);
    pass(cluster, 400);
  }
}

test.each(["NonIndexed", "Indexed"])(
  "%s: as many completions as were asked for, each counted once",
  (completionMode) => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30, size: "max" }),
        fc.integer({ min: 1, max: 5 }),
        (steps, completions) => {
          const cluster = givenCluster();
          for (const name of nodes) register(cluster, name, { bootId: `boot-${name}` });
          cluster.create(job("work", { completions, parallelism: 2, completionMode, backoffLimit: 1000 }));
          settle(cluster);
          for (const each of steps) {
            take(cluster, each);
            const { succeeded = 0 } = jobStatus(cluster, "work");
            expect(succeeded).toBeLessThanOrEqual(completions);
            expect(succeeded + activePodsOf(cluster, "Job", "work").length).toBeLessThanOrEqual(
              Math.max(succeeded, completions + 1),
            );
          }
          finishAll(cluster);
          checkInvariants(cluster);
          expect(jobStatus(cluster, "work")).toMatchObject({ succeeded: completions, active: 0 });
          expect(successesInLog(cluster)).toBe(completions);
          expect(conditionsOf(cluster, "work").filter((text) => text.startsWith("Complete"))).toHaveLength(1);
          const folded = createClusterState();
          for (const event of cluster.log) evolve(folded, event);
          expect(folded.digest()).toBe(cluster.state.digest());
          expect(rowOf(cluster, "Job", "work").status).toEqual(
            folded.object("Job", "default", "work")?.status,
          );
        },
      ),
      { numRuns: 60 },
    );
  },
);
