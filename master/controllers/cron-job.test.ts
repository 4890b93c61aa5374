// Cron jobs, from the behaviour in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
// Time is the test's own, so that schedules take no time.

import { describe, expect, test } from "vitest";
import { createClusterState } from "../cluster/cluster.ts";
import { evolve } from "../cluster/evolve.ts";
import { type Given, givenCluster, register, startedAt } from "../cluster/given.ts";
import { controllerOf, cronJobStatusOf } from "../cluster/mod.ts";
import { activePodsOf, cronJob, finish, pass, rowOf } from "./batch-fixtures.ts";
import { settle } from "./settling.ts";

function given(schedule: string, spec: Readonly<Record<string, unknown>> = {}): Given {
  const cluster = givenCluster();
  register(cluster, "n1");
  cluster.create(cronJob("tick", schedule, spec));
  settle(cluster);
  return cluster;
}
const jobs = (cluster: Given): readonly string[] =>
  [...cluster.state.objects("Job", "default")].map(({ ref }) => ref.name).sort();
const status = (cluster: Given) => cronJobStatusOf(rowOf(cluster, "CronJob", "tick"));
/** 2030-01-01T00:00:00Z in minutes. */
const firstMinute = startedAt / 60_000;
const named = (...minutes: number[]): readonly string[] =>
  minutes.map((minute) => `tick-${firstMinute + minute}`);
function end(cluster: Given, name: string, exitCode = 0): void {
  for (const pod of activePodsOf(cluster, "Job", name)) finish(cluster, pod, exitCode);
}
const change = (cluster: Given, spec: Readonly<Record<string, unknown>>): void => {
  cluster.run({ type: "PatchObject", kind: "CronJob", namespace: "default", name: "tick", patch: { spec } });
  settle(cluster);
};

describe("a schedule", () => {
  test("makes a job for each run, named after its minute, at its time", () => {
    const cluster = given("*/5 * * * *");
    expect(jobs(cluster)).toEqual([]);
    expect(cluster.state.nextDueAt).toBe(startedAt + 300_000);
    pass(cluster, 299);
    expect(jobs(cluster)).toEqual([]);
    pass(cluster, 1);
    expect(jobs(cluster)).toEqual(named(5));
    const job = rowOf(cluster, "Job", named(5)[0] ?? "");
    expect(controllerOf(job.value.metadata.ownerReferences)).toBe(rowOf(cluster, "CronJob", "tick").ref.uid);
    expect(job.value.metadata.annotations).toEqual({
      "batch.kubernetes.io/cronjob-scheduled-timestamp": "2030-01-01T00:05:00Z",
    });
    expect(status(cluster)).toMatchObject({
      lastScheduleTime: "2030-01-01T00:05:00Z",
      active: [{ kind: "Job", name: named(5)[0] }],
    });
    expect(cluster.state.nextDueAt).toBe(startedAt + 600_000);
    pass(cluster, 300);
    expect(jobs(cluster)).toEqual(named(5, 10));
    end(cluster, named(5)[0] ?? "");
    expect(status(cluster)).toMatchObject({
      active: [{ name: named(10)[0] }],
      lastSuccessfulTime: "2030-01-01T00:10:00Z",
    });
  });

  test("is that of its time zone", () => {
    const cluster = given("0 3 * * *", { timeZone: "Asia/Tokyo" });
    expect(cluster.state.nextDueAt).toBe(Date.parse("2030-01-01T18:00:00Z"));
  });

  test("every master computes the same due time from the log", () => {
    const cluster = given("*/5 * * * *");
    pass(cluster, 300);
    const other = createClusterState();
    for (const event of cluster.log) evolve(other, event);
    expect(other.nextDueAt).toBe(cluster.state.nextDueAt);
    expect(other.digest()).toBe(cluster.state.digest());
  });

  test("runs that were missed are made up for by one, the last", () => {
    const cluster = given("*/5 * * * *");
    pass(cluster, 3 * 3600 + 60);
    expect(jobs(cluster)).toEqual(named(180));
    expect(cluster.state.nextDueAt).toBe(startedAt + 185 * 60_000);
  });

  test("too late is too late with a starting deadline", () => {
    const cluster = given("0 * * * *", { startingDeadlineSeconds: 100 });
    pass(cluster, 3600 + 101);
    expect(jobs(cluster)).toEqual([]);
    expect(status(cluster).skipped).toEqual({ time: "2030-01-01T01:00:00Z", reason: "TooLate" });
    expect(cluster.state.nextDueAt).toBe(startedAt + 2 * 3_600_000);
    pass(cluster, 3600 - 101 + 100);
    expect(jobs(cluster)).toEqual(named(120));
    expect(status(cluster).skipped).toBeUndefined();
  });

  test("a suspended one makes nothing; resumed, it makes up for the last", () => {
    const cluster = given("0 * * * *", { suspend: true });
    pass(cluster, 3 * 3600);
    expect(jobs(cluster)).toEqual([]);
    expect(cluster.state.nextDueAt).toBeUndefined();
    change(cluster, { suspend: false });
    expect(jobs(cluster)).toEqual(named(180));
  });

  test("a job of a run's name that is there already is not made again", () => {
    const cluster = given("*/5 * * * *");
    const [name = ""] = named(5);
    cluster.create({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name },
      spec: {
        template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "tool:1" }] } },
      },
    });
    pass(cluster, 300);
    expect(jobs(cluster)).toEqual([name]);
    expect(status(cluster)).toMatchObject({ lastScheduleTime: "2030-01-01T00:05:00Z" });
  });
});

describe("while the last run is at work", () => {
  test("Allow starts the next beside it", () => {
    const cluster = given("* * * * *");
    pass(cluster, 60);
    pass(cluster, 60);
    expect(status(cluster).active).toHaveLength(2);
  });

  test("Forbid waits for its end, and then makes up for the last that was due", () => {
    const cluster = given("* * * * *", { concurrencyPolicy: "Forbid" });
    pass(cluster, 60);
    pass(cluster, 60);
    pass(cluster, 60);
    expect(jobs(cluster)).toEqual(named(1));
    expect(status(cluster).skipped).toEqual({ time: "2030-01-01T00:03:00Z", reason: "JobAlreadyActive" });
    pass(cluster, 30);
    end(cluster, named(1)[0] ?? "");
    expect(jobs(cluster)).toEqual(named(1, 3));
  });

  test("Replace ends it and starts the next", () => {
    const cluster = given("* * * * *", { concurrencyPolicy: "Replace" });
    pass(cluster, 60);
    pass(cluster, 60);
    expect(jobs(cluster)).toEqual(named(2));
    expect([...cluster.state.pods()].filter(({ deletion }) => !deletion)).toHaveLength(1);
  });
});

test("keeps three successful jobs and one failed one", () => {
  const cluster = given("* * * * *");
  for (let minute = 1; minute <= 8; minute++) {
    pass(cluster, 60);
    const [name = ""] = named(minute);
    if (minute % 2 === 0)
      cluster.run({
        type: "PatchObject",
        kind: "Job",
        namespace: "default",
        name,
        patch: { spec: { backoffLimit: 0 } },
      });
    end(cluster, name, minute % 2 === 0 ? 1 : 0);
  }
  expect(jobs(cluster)).toEqual(named(3, 5, 7, 8));
});

test("goes with its jobs and their pods", () => {
  const cluster = given("* * * * *");
  pass(cluster, 60);
  cluster.run({ type: "DeleteObject", kind: "CronJob", namespace: "default", name: "tick" });
  settle(cluster);
  expect(jobs(cluster)).toEqual([]);
  expect(cluster.state.podCount).toBe(0);
  expect(cluster.state.nextDueAt).toBeUndefined();
});
