// Jobs, from the behaviour in https://kubernetes.io/docs/concepts/workloads/controllers/job/

import { describe, expect, test } from "vitest";
import { type Given, givenCluster, register } from "../cluster/given.ts";
import { jobFinalizer } from "../cluster/mod.ts";
import {
  activePodsOf,
  conditionsOf,
  finish,
  job,
  jobStatus,
  lose,
  pass,
  podsOf,
  run,
} from "./batch-fixtures.ts";
import { runPods, settle } from "./settling.ts";

function given(spec: Readonly<Record<string, unknown>> = {}, template = {}): Given {
  const cluster = givenCluster();
  for (const node of ["n1", "n2"]) register(cluster, node);
  cluster.create(job("work", spec, template));
  settle(cluster);
  return cluster;
}
const active = (cluster: Given) => activePodsOf(cluster, "Job", "work");
const status = (cluster: Given) => jobStatus(cluster, "work");
/** What is told as soon as it is decided, and the end itself once no pod runs. */
const ended = (type: "Complete" | "Failed", reason: string): readonly string[] => [
  `${type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget"} True ${reason}`,
  `${type} True ${reason}`,
];
function finishFirst(cluster: Given, exitCode: number): void {
  const [pod] = active(cluster);
  if (!pod) throw new Error("no pod is at work");
  finish(cluster, pod, exitCode);
}

describe("a job", () => {
  test("of one pod: its pod is held until it is counted, and the job is complete", () => {
    const cluster = given();
    const [pod] = active(cluster);
    expect(pod?.metadata).toMatchObject({ finalizers: [jobFinalizer], labels: { "job-name": "work" } });
    expect(status(cluster)).toMatchObject({ active: 1, succeeded: 0, startTime: "2030-01-01T00:00:00Z" });
    finishFirst(cluster, 0);
    expect(conditionsOf(cluster, "work")).toEqual(ended("Complete", "CompletionsReached"));
    expect(status(cluster)).toMatchObject({
      active: 0,
      succeeded: 1,
      failed: 0,
      completionTime: expect.any(String),
    });
    expect(podsOf(cluster, "Job", "work")[0]?.metadata.finalizers).toBeUndefined();
  });

  test("keeps no more pods at work than are missing", () => {
    const cluster = given({ completions: 5, parallelism: 2 });
    const atWork: number[] = [];
    for (let ended = 0; ended < 5; ended++) {
      atWork.push(active(cluster).length);
      finishFirst(cluster, 0);
    }
    expect(atWork).toEqual([2, 2, 2, 2, 1]);
    expect(status(cluster)).toMatchObject({ succeeded: 5, active: 0 });
    expect(podsOf(cluster, "Job", "work")).toHaveLength(5);
  });

  test("without a number of completions is a work queue: one success, and no more workers", () => {
    const cluster = given({ parallelism: 3 });
    expect(active(cluster)).toHaveLength(3);
    finishFirst(cluster, 0);
    expect(active(cluster)).toHaveLength(2);
    expect(conditionsOf(cluster, "work")).toEqual([]);
    finishFirst(cluster, 0);
    finishFirst(cluster, 0);
    expect(conditionsOf(cluster, "work")).toEqual(ended("Complete", "CompletionsReached"));
  });

  test("of no completions is complete at once", () => {
    expect(conditionsOf(given({ completions: 0 }), "work")).toEqual(ended("Complete", "CompletionsReached"));
  });

  test("a smaller parallelism ends pods, and they count for nothing", () => {
    const cluster = given({ completions: 5, parallelism: 4 });
    for (const pod of active(cluster)) run(cluster, pod);
    cluster.run({
      type: "PatchObject",
      kind: "Job",
      namespace: "default",
      name: "work",
      patch: { spec: { parallelism: 1 } },
    });
    settle(cluster);
    expect(active(cluster)).toHaveLength(1);
    expect(status(cluster)).toMatchObject({ active: 1, terminating: 3, failed: 0 });
  });
});

describe("failures", () => {
  test("are made up for after 10 s, 20 s, 40 s, and end the job beyond the limit", () => {
    const cluster = given({ backoffLimit: 3 });
    for (const delay of [10, 20, 40]) {
      finishFirst(cluster, 1);
      expect(active(cluster)).toEqual([]);
      pass(cluster, delay - 1);
      expect(active(cluster)).toEqual([]);
      pass(cluster, 1);
      expect(active(cluster)).toHaveLength(1);
    }
    finishFirst(cluster, 1);
    expect(conditionsOf(cluster, "work")).toEqual(ended("Failed", "BackoffLimitExceeded"));
    expect(status(cluster)).toMatchObject({ failed: 4, active: 0 });
    pass(cluster, 3600);
    expect(active(cluster)).toEqual([]);
  });

  test("a success starts the back-off anew", () => {
    const cluster = given({ completions: 3 });
    finishFirst(cluster, 1);
    pass(cluster, 10);
    finishFirst(cluster, 1);
    pass(cluster, 20);
    finishFirst(cluster, 0);
    expect(active(cluster)).toHaveLength(1);
    finishFirst(cluster, 1);
    pass(cluster, 10);
    expect(active(cluster)).toHaveLength(1);
  });

  test("with restartPolicy OnFailure restarts count", () => {
    const cluster = given({ backoffLimit: 2 }, { restartPolicy: "OnFailure" });
    const [pod] = active(cluster);
    if (!pod) throw new Error("no pod");
    const restarted = (restartCount: number) => {
      const row = run(cluster, pod);
      const [container] = row.status.containerStatuses ?? [];
      if (!container || !row.node) throw new Error("not running");
      const containerStatuses = [{ ...container, restartCount }];
      const node = cluster.state.node(row.node);
      if (!node) throw new Error("no node");
      const pods = [{ uid: row.ref.uid, status: { ...row.status, containerStatuses } }];
      cluster.run({
        type: "ReportPods",
        node: node.name,
        session: node.session,
        number: 1e6 + restartCount,
        pods,
      });
      settle(cluster);
    };
    restarted(1);
    expect(conditionsOf(cluster, "work")).toEqual([]);
    restarted(2);
    expect(conditionsOf(cluster, "work")).toEqual(["FailureTarget True BackoffLimitExceeded"]);
    expect(active(cluster)).toEqual([]);
  });

  test("a pod that is deleted counts as failed, once, and is replaced", () => {
    const cluster = given();
    const [pod] = active(cluster);
    if (!pod) throw new Error("no pod");
    run(cluster, pod);
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: pod.ref.name });
    settle(cluster);
    expect(status(cluster)).toMatchObject({ failed: 1, terminating: 1 });
    pass(cluster, 10);
    expect(active(cluster)).toHaveLength(1);
    expect(status(cluster)).toMatchObject({ failed: 1 });
  });

  test("a lost node's pods count as failed, once, also when they are heard of again", () => {
    const cluster = given({ completions: 2, parallelism: 2 });
    const [one, two] = active(cluster);
    if (!one || !two) throw new Error("two pods should be at work");
    run(cluster, one, "n1");
    run(cluster, two, "n2");
    lose(cluster, "n2");
    expect(status(cluster)).toMatchObject({ active: 1, failed: 1 });
    finish(cluster, one, 0);
    pass(cluster, 10);
    finishFirst(cluster, 0);
    expect(status(cluster)).toMatchObject({ succeeded: 2, failed: 1 });
    expect(conditionsOf(cluster, "work")).toEqual(ended("Complete", "CompletionsReached"));
  });

  test("a success that is deleted in the same turn is counted all the same", () => {
    const cluster = given();
    const [pod] = active(cluster);
    if (!pod) throw new Error("no pod");
    const row = run(cluster, pod);
    const node = row.node && cluster.state.node(row.node);
    if (!node) throw new Error("no node");
    const pods = [{ uid: row.ref.uid, status: { phase: "Succeeded" as const } }];
    cluster.run({ type: "ReportPods", node: node.name, session: node.session, number: 1e6, pods });
    cluster.run({
      type: "DeleteObject",
      kind: "Pod",
      namespace: "default",
      name: row.ref.name,
      gracePeriodSeconds: 0,
    });
    settle(cluster);
    expect(status(cluster)).toMatchObject({ succeeded: 1, failed: 0 });
    expect(podsOf(cluster, "Job", "work")).toEqual([]);
  });
});

describe("an indexed job", () => {
  test("makes a pod for each index, with the index where its containers find it", () => {
    const cluster = given({ completionMode: "Indexed", completions: 3, parallelism: 3 });
    const pods = active(cluster);
    expect(pods.map(({ ref }) => ref.name.slice(0, 7))).toEqual(["work-0-", "work-1-", "work-2-"]);
    expect(pods.map(({ spec }) => spec.hostname)).toEqual(["work-0", "work-1", "work-2"]);
    expect(pods[1]?.metadata).toMatchObject({
      annotations: { "batch.kubernetes.io/job-completion-index": "1" },
      labels: { "batch.kubernetes.io/job-completion-index": "1", "job-name": "work" },
    });
    expect(pods[1]?.spec.containers[0]?.env).toEqual([
      {
        name: "JOB_COMPLETION_INDEX",
        valueFrom: {
          fieldRef: {
            apiVersion: "v1",
            fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']",
          },
        },
      },
    ]);
  });

  test("an index that fails is tried again, and each completes once", () => {
    const cluster = given({ completionMode: "Indexed", completions: 4, parallelism: 2 });
    const byIndex = (index: string) => {
      const pod = active(cluster).find(({ ref }) => ref.name.startsWith(`work-${index}-`));
      if (!pod) throw new Error(`no pod of index ${index}`);
      return pod;
    };
    finish(cluster, byIndex("1"), 0);
    finish(cluster, byIndex("0"), 1);
    expect(status(cluster)).toMatchObject({ completedIndexes: "1", failed: 1 });
    pass(cluster, 10);
    for (const index of ["0", "2", "3"]) finish(cluster, byIndex(index), 0);
    expect(status(cluster)).toMatchObject({ completedIndexes: "0-3", succeeded: 4, failed: 1 });
    expect(conditionsOf(cluster, "work")).toEqual(ended("Complete", "CompletionsReached"));
  });
});

describe("limits of time", () => {
  test("activeDeadlineSeconds ends the job and its pods", () => {
    const cluster = given({ activeDeadlineSeconds: 30 });
    for (const pod of active(cluster)) run(cluster, pod);
    pass(cluster, 29);
    expect(conditionsOf(cluster, "work")).toEqual([]);
    expect(cluster.state.nextDueAt).toBe(cluster.now + 1000);
    pass(cluster, 1);
    expect(conditionsOf(cluster, "work")).toEqual(["FailureTarget True DeadlineExceeded"]);
    expect(active(cluster)).toEqual([]);
    expect(status(cluster)).toMatchObject({ active: 0, terminating: 1 });
    runPods(cluster);
    settle(cluster);
    expect(conditionsOf(cluster, "work")).toEqual(ended("Failed", "DeadlineExceeded"));
    expect(status(cluster)).toMatchObject({ active: 0, terminating: 0 });
  });

  test("ttlSecondsAfterFinished deletes the job with its pods", () => {
    const cluster = given({ ttlSecondsAfterFinished: 60 });
    finishFirst(cluster, 0);
    pass(cluster, 59);
    expect(conditionsOf(cluster, "work")).toEqual(ended("Complete", "CompletionsReached"));
    pass(cluster, 1);
    expect(cluster.state.object("Job", "default", "work")).toBeUndefined();
    expect(cluster.state.podCount).toBe(0);
  });

  test("a suspended job has no pods; resumed, its deadline counts anew", () => {
    const cluster = given({ suspend: true, activeDeadlineSeconds: 30 });
    const patch = (suspend: boolean) => {
      cluster.run({
        type: "PatchObject",
        kind: "Job",
        namespace: "default",
        name: "work",
        patch: { spec: { suspend } },
      });
      settle(cluster);
    };
    expect(active(cluster)).toEqual([]);
    expect(conditionsOf(cluster, "work")).toEqual(["Suspended True JobSuspended"]);
    expect(status(cluster).startTime).toBeUndefined();
    pass(cluster, 100);
    patch(false);
    expect(active(cluster)).toHaveLength(1);
    expect(conditionsOf(cluster, "work")).toEqual(["Suspended False JobResumed"]);
    pass(cluster, 20);
    patch(true);
    expect(active(cluster)).toEqual([]);
    expect(status(cluster)).toMatchObject({ failed: 0 });
    patch(false);
    pass(cluster, 20);
    expect(active(cluster)).toHaveLength(1);
  });
});

describe("the pod failure policy", () => {
  const rules = [
    { action: "FailJob", onExitCodes: { operator: "In", values: [42] } },
    { action: "Ignore", onExitCodes: { containerName: "main", operator: "In", values: [7] } },
    { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
  ];

  test.each([
    {
      name: "FailJob ends the job at once",
      exitCode: 42,
      failed: 1,
      conditions: ended("Failed", "PodFailurePolicy"),
    },
    { name: "Ignore does not count", exitCode: 7, failed: 0, conditions: [] },
    { name: "without a rule it counts", exitCode: 1, failed: 1, conditions: [] },
  ])("$name", ({ exitCode, failed, conditions }) => {
    const cluster = given({ podFailurePolicy: { rules }, backoffLimit: 1 });
    finishFirst(cluster, exitCode);
    expect(status(cluster)).toMatchObject({ failed });
    expect(conditionsOf(cluster, "work")).toEqual(conditions);
    pass(cluster, 10);
    expect(active(cluster)).toHaveLength(conditions.length === 0 ? 1 : 0);
  });

  test("a lost node is a disruption", () => {
    const cluster = given({ podFailurePolicy: { rules }, backoffLimit: 0 });
    const [pod] = active(cluster);
    if (!pod) throw new Error("no pod");
    run(cluster, pod, "n2");
    lose(cluster, "n2");
    expect(status(cluster)).toMatchObject({ failed: 0 });
    pass(cluster, 10);
    expect(active(cluster)).toHaveLength(1);
  });

  test("a replacement waits until the pod before has ended", () => {
    const cluster = given({ podReplacementPolicy: "Failed" });
    const [pod] = active(cluster);
    if (!pod) throw new Error("no pod");
    run(cluster, pod);
    cluster.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: pod.ref.name });
    pass(cluster, 3600);
    expect(active(cluster)).toEqual([]);
    expect(status(cluster)).toMatchObject({ failed: 0, terminating: 1 });
    finish(cluster, pod, 0);
    expect(conditionsOf(cluster, "work")).toEqual(ended("Complete", "CompletionsReached"));
  });
});

describe("deleting a job", () => {
  test.each(["Background", "Foreground", "Orphan"] as const)(
    "%s: nothing is held for ever",
    (propagation) => {
      const cluster = given({ completions: 2, parallelism: 2 });
      const [one] = active(cluster);
      if (!one) throw new Error("no pod");
      run(cluster, one);
      cluster.run({ type: "DeleteObject", kind: "Job", namespace: "default", name: "work", propagation });
      settle(cluster);
      const reasons = {
        Background: "owner Job work is gone",
        Foreground: "owner is being deleted",
        Orphan: undefined,
      };
      for (const row of Array.from(cluster.state.pods())) {
        expect(row.metadata.finalizers).toBeUndefined();
        expect(row.deletion?.reason).toBe(reasons[propagation]);
      }
      expect(cluster.state.podCount).toBe(propagation === "Orphan" ? 2 : 1);
    },
  );
});
