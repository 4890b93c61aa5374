// create job, node fence.

import { describe, expect, test } from "vitest";
import { holding, storedNode } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const cronJob = {
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name: "nightly", namespace: "default", uid: "uid-nightly", resourceVersion: "3" },
  spec: {
    schedule: "@daily",
    jobTemplate: {
      metadata: { labels: { app: "report" } },
      spec: {
        template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "tool:1" }] } },
      },
    },
  },
};

describe("create job", () => {
  test("of an image and a command", async () => {
    const { run, out, api } = terminal(holding([]));
    expect(await run(["create", "job", "once", "--image", "tool:1", "--", "tool", "--fast"])).toBe(0);
    expect(out()).toBe("job.batch/once created\n");
    expect(api.of("create")[0]?.request.object).toMatchObject({
      kind: "Job",
      metadata: { name: "once", namespace: "default" },
      spec: {
        template: {
          spec: {
            restartPolicy: "Never",
            containers: [{ name: "once", image: "tool:1", command: ["tool", "--fast"] }],
          },
        },
      },
    });
  });

  test("of a cron job, which owns it", async () => {
    const { run, api } = terminal(holding([cronJob]));
    expect(await run(["create", "job", "now", "--from=cronjob/nightly"])).toBe(0);
    expect(api.of("create")[0]?.request.object).toMatchObject({
      metadata: {
        name: "now",
        labels: { app: "report" },
        annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
        ownerReferences: [{ kind: "CronJob", name: "nightly", uid: "uid-nightly", controller: true }],
      },
      spec: cronJob.spec.jobTemplate.spec,
    });
  });

  test.each([
    [["create", "job", "x"], "either --image or --from"],
    [["create", "job", "x", "--image", "i", "--from", "cj/nightly"], "either --image or --from"],
    [["create", "job", "x", "--from", "pod/web"], "--from takes cronjob/NAME"],
    [["create", "job", "x", "--from", "cj/nightly", "--", "tool"], "a command goes with --image"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err, api } = terminal(holding([cronJob]));
    expect(await run(argv)).toBe(2);
    expect(err()).toContain(message);
    expect(api.of("create")).toEqual([]);
  });
});

test("node fence asks with its reason", async () => {
  const { run, out, api } = terminal(holding([storedNode("n1")]));
  expect(await run(["node", "fence", "n1", "--reason", "it is off"])).toBe(0);
  expect(out()).toBe("node/n1 fenced\n");
  expect(api.of("create")[0]).toMatchObject({
    target: { resource: "nodes", name: "n1", subresource: "fence" },
    request: { reason: "it is off" },
  });
});
