// Annotations that ask for something that does not happen are named, wherever pods have them.

import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";

const containers = [{ name: "web", image: "nginx" }];
const template = (annotations: Readonly<Record<string, string>>) => ({
  metadata: { labels: { app: "web" }, annotations },
  spec: { containers },
});
const warningsOf = (object: unknown): readonly string[] => {
  const admitted = admit(object);
  if (!admitted.ok) throw new Error(admitted.error.message);
  return admitted.value.warnings;
};
const pod = (annotations: Readonly<Record<string, string>>) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", annotations },
  spec: { containers },
});

const seccomp = { "seccomp.security.alpha.kubernetes.io/pod": "runtime/default" };
const seccompSays = (place: string): string =>
  `${place}[seccomp.security.alpha.kubernetes.io/pod] does nothing, as in Kubernetes since 1.27: ` +
  "use securityContext.seccompProfile";

describe("annotations of pods that do nothing", () => {
  test("an AppArmor profile is named as not supported", () => {
    const key = "container.apparmor.security.beta.kubernetes.io/web";
    expect(warningsOf(pod({ [key]: "localhost/k8s-nginx" }))).toEqual([
      `metadata.annotations[${key}] is not supported yet: it is stored and ignored`,
    ]);
  });

  test("the runtime's own AppArmor profile is what happens anyway", () => {
    expect(
      warningsOf(pod({ "container.apparmor.security.beta.kubernetes.io/web": "runtime/default" })),
    ).toEqual([]);
  });

  test("what Kubernetes gave up is named with the field to use", () => {
    expect(warningsOf(pod(seccomp))).toEqual([seccompSays("metadata.annotations")]);
    expect(warningsOf(pod({ "scheduler.alpha.kubernetes.io/critical-pod": "" }))).toEqual([
      "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod] does nothing, as in Kubernetes since 1.16: " +
        "use priorityClassName",
    ]);
  });

  test("templates are looked at, and a workload's own annotations are not", () => {
    const selector = { matchLabels: { app: "web" } };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", annotations: seccomp },
      spec: { selector, template: template(seccomp) },
    };
    expect(warningsOf(deployment)).toEqual([seccompSays("spec.template.metadata.annotations")]);
    const job = {
      spec: { template: { ...template(seccomp), spec: { containers, restartPolicy: "Never" } } },
    };
    const cronJob = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "web" },
      spec: { schedule: "0 * * * *", jobTemplate: job },
    };
    expect(warningsOf(cronJob)).toEqual([seccompSays("spec.jobTemplate.spec.template.metadata.annotations")]);
  });

  test("anybody's other annotations are left alone", () => {
    expect(warningsOf(pod({ "prometheus.io/scrape": "true", note: "x" }))).toEqual([]);
  });
});
