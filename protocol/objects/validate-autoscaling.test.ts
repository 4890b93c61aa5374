import { describe, expect, test } from "vitest";
import { admit } from "./admit.ts";

type Fields = Readonly<Record<string, unknown>>;
const reference = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const autoscaler = (spec: Fields, apiVersion = "autoscaling/v2"): Fields => ({
  apiVersion,
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web" },
  spec: { scaleTargetRef: reference, maxReplicas: 5, ...spec },
});
const cpu = (target: Fields): Fields => ({
  metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
});
const half = { type: "Utilization", averageUtilization: 50 };

describe("an autoscaler", () => {
  test("has one replica at least and follows 80% of CPU by default", () => {
    const admitted = admit(autoscaler({}));
    expect(admitted.ok && admitted.value.complete.spec).toEqual({
      scaleTargetRef: reference,
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
    });
    expect(admitted.ok && admitted.value.warnings).toEqual([]);
  });
  test("a behavior is completed as Kubernetes completes it", () => {
    const behavior = { scaleDown: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } };
    const admitted = admit(autoscaler({ behavior }));
    expect(admitted.ok && admitted.value.complete.spec).toMatchObject({
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: "Max",
          policies: [
            { type: "Pods", value: 4, periodSeconds: 15 },
            { type: "Percent", value: 100, periodSeconds: 15 },
          ],
        },
        scaleDown: {
          stabilizationWindowSeconds: 300,
          selectPolicy: "Max",
          policies: [{ type: "Pods", value: 1, periodSeconds: 60 }],
        },
      },
    });
  });
  test.each([
    ["autoscaling/v1", { targetCPUUtilizationPercentage: 50 }, []],
    [
      "autoscaling/v2beta2",
      cpu(half),
      ["autoscaling/v2beta2 is gone from Kubernetes; it is taken as autoscaling/v2"],
    ],
  ])("of %s is taken as one of v2", (apiVersion, spec, warnings) => {
    const admitted = admit(autoscaler(spec, apiVersion));
    expect(admitted.ok && admitted.value.complete).toMatchObject({
      apiVersion: "autoscaling/v2",
      spec: { metrics: [{ type: "Resource", resource: { name: "cpu", target: half } }] },
    });
    expect(admitted.ok && admitted.value.warnings).toEqual(warnings);
  });

  const behavior = (scaleUp: Fields): Fields => ({ behavior: { scaleUp } });
  test.each<[string, Fields, string]>([
    ["minReplicas 0", { minReplicas: 0 }, "spec.minReplicas must be at least 1"],
    ["maxReplicas 0", { maxReplicas: 0 }, "spec.maxReplicas must be from 1 to 1000000"],
    ["more at least than at most", { minReplicas: 6 }, "spec.maxReplicas must not be below minReplicas (6)"],
    [
      "a target that has no replicas",
      { scaleTargetRef: { ...reference, kind: "DaemonSet" } },
      "spec.scaleTargetRef.kind must be one of",
    ],
    [
      "a target without a name",
      { scaleTargetRef: { ...reference, name: "" } },
      "spec.scaleTargetRef.name is required",
    ],
    ["an unknown type", { metrics: [{ type: "Cpu" }] }, "spec.metrics[0].type must be one of Resource"],
    [
      "a type without its field",
      { metrics: [{ type: "Pods" }] },
      "spec.metrics[0].pods is required for the type Pods",
    ],
    [
      "a field of another type",
      {
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: half },
            pods: { metric: { name: "x" }, target: { type: "AverageValue", averageValue: "1" } },
          },
        ],
      },
      "spec.metrics[0].pods goes with the type Pods only",
    ],
    [
      "a resource that nobody measures",
      { metrics: [{ type: "Resource", resource: { name: "ephemeral-storage", target: half } }] },
      "spec.metrics[0].resource.name must be one of cpu, memory",
    ],
    [
      "utilization 0",
      cpu({ type: "Utilization", averageUtilization: 0 }),
      "averageUtilization must be at least 1",
    ],
    [
      "utilization without its figure",
      cpu({ type: "Utilization" }),
      "averageUtilization is required for the type Utilization",
    ],
    [
      "two figures",
      cpu({ ...half, averageValue: "1" }),
      "averageValue does not go with the type Utilization",
    ],
    [
      "a value of a resource",
      cpu({ type: "Value", value: "1" }),
      "target.type must be Utilization or AverageValue here",
    ],
    [
      "an average value of 0",
      cpu({ type: "AverageValue", averageValue: "0" }),
      "averageValue must be above zero",
    ],
    [
      "no policies",
      behavior({ policies: [] }),
      "spec.behavior.scaleUp.policies must name at least one policy",
    ],
    [
      "an unknown policy",
      behavior({ policies: [{ type: "Nodes", value: 1, periodSeconds: 1 }] }),
      "policies[0].type must be Pods or Percent",
    ],
    [
      "a long period",
      behavior({ policies: [{ type: "Pods", value: 1, periodSeconds: 1801 }] }),
      "periodSeconds must be from 1 to 1800",
    ],
    [
      "a long window",
      behavior({ stabilizationWindowSeconds: 3601 }),
      "stabilizationWindowSeconds must be from 0 to 3600",
    ],
    [
      "an unknown choice",
      behavior({ selectPolicy: "Some" }),
      "selectPolicy must be one of Max, Min, Disabled",
    ],
    ["a tolerance below zero", behavior({ tolerance: "-1" }), "spec.behavior.scaleUp.tolerance"],
  ])("is refused with %s", (_, spec, message) => {
    const admitted = admit(autoscaler(spec));
    expect(!admitted.ok && admitted.error.message).toContain(message);
  });
});
