// Jobs, cron jobs and stateful sets: what is refused, filled in and kept from changing.

import { describe, expect, test } from "vitest";
import { unwrap } from "../errors.ts";
import { admit } from "./admit.ts";
import type { ApiObject } from "./object.ts";
import { keepAllocated } from "./validate-change.ts";
import { validateUpdate } from "./validate.ts";

type Fields = Readonly<Record<string, unknown>>;
const container = { name: "main", image: "tool:1" };
const template = (spec: Fields = {}): Fields => ({
  spec: { restartPolicy: "Never", containers: [container], ...spec },
});
const job = (spec: Fields = {}): ApiObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "work" },
  spec: { template: template(), ...spec },
});
const cronJob = (spec: Fields = {}, name = "tick"): ApiObject => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name },
  spec: { schedule: "@daily", jobTemplate: { spec: { template: template() } }, ...spec },
});
const statefulSet = (spec: Fields = {}, annotations: Record<string, string> = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "db", annotations },
  spec: {
    selector: { matchLabels: { app: "db" } },
    template: { metadata: { labels: { app: "db" } }, spec: { containers: [container] } },
    ...spec,
  },
});
const wrong = (object: ApiObject): readonly string[] => {
  const result = admit(object);
  return result.ok ? [] : (result.error.causes ?? []).map(({ field }) => field);
};
const policy = (rule: Fields): Fields => ({ podFailurePolicy: { rules: [rule] } });
const rule = "spec.podFailurePolicy.rules[0]";

describe("a job", () => {
  test.each<[Fields, readonly string[]]>([
    [{}, []],
    [{ completions: 0, parallelism: 0 }, []],
    [{ completions: -1 }, ["spec.completions"]],
    [{ parallelism: -1 }, ["spec.parallelism"]],
    [{ backoffLimit: -1 }, ["spec.backoffLimit"]],
    [{ ttlSecondsAfterFinished: -1 }, ["spec.ttlSecondsAfterFinished"]],
    [{ manualSelector: true }, ["spec.manualSelector"]],
    [{ completionMode: "Indexed", parallelism: 2 }, ["spec.completions"]],
    [{ completionMode: "Indexed", completions: 100_001 }, ["spec.completions"]],
    [{ template: template({ restartPolicy: "Always" }) }, ["spec.template.spec.restartPolicy"]],
    [{ template: { spec: { containers: [container] } } }, ["spec.template.spec.restartPolicy"]],
    [policy({ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }), []],
    [
      policy({ action: "FailJob", onExitCodes: { operator: "In", values: [0] } }),
      [`${rule}.onExitCodes.values`],
    ],
    [policy({ action: "FailJob" }), [rule]],
    [policy({ action: "FailIndex", onPodConditions: [{ type: "Ready" }] }), [`${rule}.action`]],
    [
      policy({ action: "Count", onExitCodes: { containerName: "nope", operator: "In", values: [1] } }),
      [`${rule}.onExitCodes.containerName`],
    ],
    [
      {
        ...policy({ action: "Count", onPodConditions: [{ type: "Ready" }] }),
        template: template({ restartPolicy: "OnFailure" }),
      },
      ["spec.podFailurePolicy"],
    ],
  ])("%j: wrong are %j", (spec, fields) => expect(wrong(job(spec))).toEqual(fields));

  test.each<[Fields, Fields]>([
    [{}, { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false }],
    [{ completions: 3 }, { completions: 3, parallelism: 1, podReplacementPolicy: "TerminatingOrFailed" }],
    [policy({ action: "Count", onPodConditions: [{ type: "Ready" }] }), { podReplacementPolicy: "Failed" }],
  ])("%j is completed to %j", (spec, completed) => {
    expect(unwrap(admit(job(spec))).complete.spec).toMatchObject(completed);
  });
  test("of workers alone has no number of completions", () => {
    expect(unwrap(admit(job({ parallelism: 3 }))).complete.spec).not.toHaveProperty("completions");
  });

  test.each<[Fields, Fields, readonly string[]]>([
    [{}, { completions: 1, parallelism: 5, suspend: true, activeDeadlineSeconds: 9 }, []],
    [{}, { completions: 5 }, ["spec.completions"]],
    [{}, { template: template({ nodeName: "n1" }) }, ["spec.template"]],
    [
      { completionMode: "Indexed", completions: 2, parallelism: 2 },
      { completionMode: "Indexed", completions: 4, parallelism: 4 },
      [],
    ],
  ])("%j changed to %j: wrong are %j", (before, after, fields) => {
    const complete = (spec: Fields): ApiObject => unwrap(admit(job(spec))).complete;
    const result = validateUpdate(complete(before), complete({ ...before, ...after }));
    expect(result.ok ? [] : result.error.causes?.map(({ field }) => field)).toEqual(fields);
  });

  test("keeps its selector and labels when a manifest without them is applied again", () => {
    const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": "u1" } };
    const labels = { "batch.kubernetes.io/controller-uid": "u1", mine: "yes" };
    const old = job({ selector, template: { ...template(), metadata: { labels } } });
    const next = job({ template: { ...template(), metadata: { labels: { mine: "yes" } } } });
    expect(keepAllocated(old, next).spec).toMatchObject({ selector, template: { metadata: { labels } } });
  });
});

describe("a cron job", () => {
  test.each<[Fields, readonly string[]]>([
    [{}, []],
    [{ schedule: "*/5 8-18 * * 1-5", timeZone: "Europe/Berlin" }, []],
    [{ schedule: "every day" }, ["spec.schedule"]],
    [{ schedule: "TZ=Europe/Berlin @daily" }, ["spec.schedule"]],
    [{ timeZone: "Local" }, ["spec.timeZone"]],
    [{ timeZone: "Mars/Phobos" }, ["spec.timeZone"]],
    [{ startingDeadlineSeconds: -1 }, ["spec.startingDeadlineSeconds"]],
    [{ failedJobsHistoryLimit: -1 }, ["spec.failedJobsHistoryLimit"]],
    [{ jobTemplate: {} }, ["spec.jobTemplate.spec"]],
    [
      { jobTemplate: { spec: { template: template({ restartPolicy: "Always" }) } } },
      ["spec.jobTemplate.spec.template.spec.restartPolicy"],
    ],
  ])("%j: wrong are %j", (spec, fields) => expect(wrong(cronJob(spec))).toEqual(fields));
  test("leaves room in its name for those of its jobs", () => {
    expect(wrong(cronJob({}, "a".repeat(52)))).toEqual([]);
    expect(wrong(cronJob({}, "a".repeat(53)))).toEqual(["metadata.name"]);
  });
});

const rolling = (maxUnavailable: number | string): Fields => ({
  type: "RollingUpdate",
  rollingUpdate: { maxUnavailable },
});

describe("a stateful set", () => {
  test.each<[Fields, readonly string[]]>([
    [{}, []],
    [{ selector: { matchLabels: { app: "other" } } }, ["spec.template.metadata.labels"]],
    [{ replicas: -1 }, ["spec.replicas"]],
    [{ ordinals: { start: -1 } }, ["spec.ordinals.start"]],
    [
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: -1 } } },
      ["spec.updateStrategy.rollingUpdate.partition"],
    ],
    [{ updateStrategy: rolling(2) }, []],
    [{ updateStrategy: rolling("50%") }, []],
    [{ updateStrategy: rolling(0) }, ["spec.updateStrategy.rollingUpdate.maxUnavailable"]],
    [{ updateStrategy: rolling("0%") }, ["spec.updateStrategy.rollingUpdate.maxUnavailable"]],
    [{ updateStrategy: rolling("101%") }, ["spec.updateStrategy.rollingUpdate.maxUnavailable"]],
    [{ updateStrategy: rolling("half") }, ["spec.updateStrategy.rollingUpdate.maxUnavailable"]],
    [
      { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } },
      ["spec.updateStrategy.rollingUpdate"],
    ],
  ])("%j: wrong are %j", (spec, fields) => expect(wrong(statefulSet(spec))).toEqual(fields));

  test.each([
    ["Confirm", []],
    ["Lease", []],
    ["None", ["metadata.annotations[berth.io/fencing]"]],
  ])("fenced by %s: wrong are %j", (fencing, fields) => {
    expect(wrong(statefulSet({}, { "berth.io/fencing": fencing }))).toEqual(fields);
  });

  test.each<[Fields, readonly string[]]>([
    [{ replicas: 5, minReadySeconds: 3, updateStrategy: { type: "OnDelete" } }, []],
    [{ serviceName: "other" }, ["spec.serviceName"]],
    [{ podManagementPolicy: "Parallel" }, ["spec.podManagementPolicy"]],
  ])("changed to %j: wrong are %j", (spec, fields) => {
    const complete = (more: Fields): ApiObject =>
      unwrap(admit(statefulSet({ serviceName: "db", ...more }))).complete;
    const result = validateUpdate(complete({}), complete(spec));
    expect(result.ok ? [] : result.error.causes?.map(({ field }) => field)).toEqual(fields);
  });
});
