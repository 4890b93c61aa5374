// Limits per index, success policies and other hands: from
// https://kubernetes.io/docs/concepts/workloads/controllers/job/ (back-off limit per index, success policy, managedBy).

import { describe, expect, test } from "vitest";
import { type Given, givenCluster, register } from "../cluster/given.ts";
import type { PodRow } from "../cluster/mod.ts";
import { activePodsOf, conditionsOf, finish, job, jobStatus, pass, podsOf, run } from "./batch-fixtures.ts";
import { runPods, settle } from "./settling.ts";

type Spec = Readonly<Record<string, unknown>>;

function given(spec: Spec): Given {
  const cluster = givenCluster();
  register(cluster, "n1");
  cluster.create(job("work", { completionMode: "Indexed", completions: 4, parallelism: 4, ...spec }));
  settle(cluster);
  return cluster;
}
const active = (cluster: Given): readonly PodRow[] => activePodsOf(cluster, "Job", "work");
const indexes = (cluster: Given): readonly string[] =>
  active(cluster).map(({ ref }) => ref.name.split("-")[1] ?? "");
const status = (cluster: Given) => jobStatus(cluster, "work");
function end(cluster: Given, index: number, exitCode: number): void {
  const pod = active(cluster).find(({ ref }) => ref.name.startsWith(`work-${index}-`));
  if (!pod) throw new Error(`no pod of index ${index}`);
  finish(cluster, pod, exitCode);
}

describe("backoffLimitPerIndex", () => {
  test("each index is tried again after its own delay, up to its own limit", () => {
    const cluster = given({ backoffLimitPerIndex: 1 });
    end(cluster, 0, 1);
    expect(indexes(cluster)).toEqual(["1", "2", "3"]);
    pass(cluster, 5);
    end(cluster, 1, 1);
    pass(cluster, 4);
    expect(indexes(cluster)).toEqual(["2", "3"]);
    pass(cluster, 1);
    expect(indexes(cluster)).toEqual(["0", "2", "3"]);
    pass(cluster, 5);
    expect(indexes(cluster)).toEqual(["0", "1", "2", "3"]);
    expect(active(cluster)[0]?.metadata.annotations).toMatchObject({
      "batch.kubernetes.io/job-index-failure-count": "1",
    });
    end(cluster, 0, 1);
    pass(cluster, 3600);
    expect(indexes(cluster)).toEqual(["1", "2", "3"]);
    expect(status(cluster)).toMatchObject({ failedIndexes: "0", failed: 3 });
    expect(conditionsOf(cluster, "work")).toEqual([]);
    for (const index of [1, 2, 3]) end(cluster, index, 0);
    expect(status(cluster)).toMatchObject({ failedIndexes: "0", completedIndexes: "1-3", succeeded: 3 });
    expect(conditionsOf(cluster, "work")).toEqual([
      "FailureTarget True FailedIndexes",
      "Failed True FailedIndexes",
    ]);
  });

  test("the job's own limit is out of reach", () => {
    const cluster = given({ backoffLimitPerIndex: 20, completions: 1, parallelism: 1 });
    for (let failures = 0; failures < 10; failures++) {
      end(cluster, 0, 1);
      pass(cluster, 360);
    }
    expect(conditionsOf(cluster, "work")).toEqual([]);
    expect(indexes(cluster)).toEqual(["0"]);
  });

  test("a failed index frees its place for the next", () => {
    const cluster = given({ backoffLimitPerIndex: 0, parallelism: 1 });
    end(cluster, 0, 1);
    expect(indexes(cluster)).toEqual(["1"]);
  });

  test("more failed indexes than maxFailedIndexes end the job, and its pods first", () => {
    const cluster = given({ backoffLimitPerIndex: 0, maxFailedIndexes: 1 });
    for (const pod of active(cluster)) run(cluster, pod);
    end(cluster, 0, 1);
    expect(conditionsOf(cluster, "work")).toEqual([]);
    end(cluster, 2, 1);
    expect(status(cluster)).toMatchObject({ failedIndexes: "0,2", active: 0, terminating: 2 });
    expect(conditionsOf(cluster, "work")).toEqual(["FailureTarget True MaxFailedIndexesExceeded"]);
    runPods(cluster);
    settle(cluster);
    expect(conditionsOf(cluster, "work")).toEqual([
      "FailureTarget True MaxFailedIndexesExceeded",
      "Failed True MaxFailedIndexesExceeded",
    ]);
  });

  test("FailIndex fails it at once, Ignore never", () => {
    const rules = [
      { action: "FailIndex", onExitCodes: { operator: "In", values: [42] } },
      { action: "Ignore", onExitCodes: { operator: "In", values: [7] } },
    ];
    const cluster = given({ backoffLimitPerIndex: 1, podFailurePolicy: { rules } });
    end(cluster, 0, 42);
    expect(status(cluster)).toMatchObject({ failedIndexes: "0", failed: 1 });
    for (const delay of [10, 20, 40]) {
      end(cluster, 1, 7);
      pass(cluster, delay);
    }
    expect(status(cluster)).toMatchObject({ failedIndexes: "0", failed: 1 });
    expect(indexes(cluster)).toEqual(["1", "2", "3"]);
  });
});

describe("successPolicy", () => {
  test.each([
    { name: "any number of indexes", rules: [{ succeededCount: 2 }], good: [3, 1], rule: 0 },
    { name: "certain indexes", rules: [{ succeededIndexes: "0,2" }], good: [0, 2], rule: 0 },
    {
      name: "some of certain indexes",
      rules: [{ succeededIndexes: "0-2", succeededCount: 1 }],
      good: [1],
      rule: 0,
    },
    {
      name: "the first rule that is met",
      rules: [{ succeededIndexes: "0" }, { succeededCount: 2 }],
      good: [1, 2],
      rule: 1,
    },
  ])("$name", ({ rules, good, rule }) => {
    const cluster = given({ successPolicy: { rules } });
    for (const pod of active(cluster)) run(cluster, pod);
    for (const [at, index] of good.entries()) {
      expect(conditionsOf(cluster, "work"), `before success ${at}`).toEqual([]);
      end(cluster, index, 0);
    }
    const left = 4 - good.length;
    expect(conditionsOf(cluster, "work")).toEqual(["SuccessCriteriaMet True SuccessPolicy"]);
    expect(status(cluster).conditions?.[0]).toMatchObject({ message: `Matched rules at index ${rule}` });
    expect(status(cluster)).toMatchObject({ active: 0, terminating: left, succeeded: good.length });
    runPods(cluster);
    settle(cluster);
    expect(conditionsOf(cluster, "work")).toEqual([
      "SuccessCriteriaMet True SuccessPolicy",
      "Complete True SuccessPolicy",
    ]);
    expect(status(cluster)).toMatchObject({ succeeded: good.length, failed: 0, terminating: 0 });
  });

  test("indexes that do not count do not end it", () => {
    const cluster = given({ successPolicy: { rules: [{ succeededIndexes: "0" }] } });
    for (const index of [1, 2, 3]) end(cluster, index, 0);
    expect(conditionsOf(cluster, "work")).toEqual([]);
    end(cluster, 0, 0);
    expect(conditionsOf(cluster, "work")).toContain("Complete True SuccessPolicy");
  });
});

test("a job that is managed by somebody else is left alone", () => {
  const cluster = given({ managedBy: "example.com/queue" });
  expect(podsOf(cluster, "Job", "work")).toEqual([]);
  expect(status(cluster)).toEqual({});
  pass(cluster, 3600);
  expect(status(cluster)).toEqual({});
});

describe("what is refused", () => {
  const refused = (spec: Spec, template: Spec = {}): readonly string[] => {
    const cluster = givenCluster();
    const object = job("work", spec, template);
    const failure = cluster.refusal({ type: "CreateObject", object });
    return (failure?.causes ?? []).map(({ field }) => field);
  };
  const indexed = { completionMode: "Indexed", completions: 3 };
  test.each([
    {
      name: "a limit per index without indexes",
      spec: { backoffLimitPerIndex: 1 },
      field: "spec.backoffLimitPerIndex",
    },
    {
      name: "failed indexes without that limit",
      spec: { ...indexed, maxFailedIndexes: 1 },
      field: "spec.maxFailedIndexes",
    },
    {
      name: "more failed indexes than indexes",
      spec: { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 4 },
      field: "spec.maxFailedIndexes",
    },
    {
      name: "a limit per index with restarts in place",
      spec: { ...indexed, backoffLimitPerIndex: 1 },
      template: { restartPolicy: "OnFailure" },
      field: "spec.template.spec.restartPolicy",
    },
    {
      name: "FailIndex without a limit per index",
      spec: {
        ...indexed,
        podFailurePolicy: { rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [1] } }] },
      },
      field: "spec.podFailurePolicy.rules[0].action",
    },
    {
      name: "a success policy without indexes",
      spec: { successPolicy: { rules: [{ succeededCount: 1 }] } },
      field: "spec.successPolicy",
    },
    {
      name: "no rules",
      spec: { ...indexed, successPolicy: { rules: [] } },
      field: "spec.successPolicy.rules",
    },
    {
      name: "an empty rule",
      spec: { ...indexed, successPolicy: { rules: [{}] } },
      field: "spec.successPolicy.rules[0]",
    },
    {
      name: "indexes out of order",
      spec: { ...indexed, successPolicy: { rules: [{ succeededIndexes: "2,0-1" }] } },
      field: "spec.successPolicy.rules[0].succeededIndexes",
    },
    {
      name: "indexes out of range",
      spec: { ...indexed, successPolicy: { rules: [{ succeededIndexes: "1-3" }] } },
      field: "spec.successPolicy.rules[0].succeededIndexes",
    },
    {
      name: "more successes than indexes",
      spec: { ...indexed, successPolicy: { rules: [{ succeededIndexes: "0-1", succeededCount: 3 }] } },
      field: "spec.successPolicy.rules[0].succeededCount",
    },
    { name: "a manager without a domain", spec: { managedBy: "queue" }, field: "spec.managedBy" },
    { name: "a selector by hand", spec: { manualSelector: true }, field: "spec.manualSelector" },
  ])("$name", ({ spec, template, field }) => {
    expect(refused(spec, template)).toContain(field);
  });
});
