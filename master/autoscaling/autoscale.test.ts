// Autoscalers, as https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ describes them.

import { describe, expect, test } from "vitest";
import { describeEvent, type Positioned } from "../../protocol/mod.ts";
import { Bench, metricOf } from "./given-autoscaler.ts";

const range = { minReplicas: 2, maxReplicas: 10 };
const fast = { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } };
const lastScaling = (bench: Bench): Positioned | undefined =>
  bench.given.log.findLast((event) => event.type === "ObjectUpdated" && event.object.kind === "Deployment");

describe("CPU", () => {
  test("on target: says so once, then writes nothing", () => {
    const bench = new Bench(3, range);
    expect(bench.look()).toEqual(["StatusUpdated"]);
    expect(bench.status).toMatchObject({ currentReplicas: 3, desiredReplicas: 3, observedGeneration: 1 });
    expect(["AbleToScale", "ScalingActive", "ScalingLimited"].map((type) => bench.condition(type))).toEqual([
      "True ReadyForNewScale",
      "True ValidMetricFound",
      "False DesiredWithinRange",
    ]);
    const length = bench.given.log.length;
    bench.cpuOf = (index) => 76 + (index % 3) * 5;
    bench.pass(3600);
    expect(bench.given.since(length)).toEqual([]);
  });

  test("above target: scales at once, in one commit with its status, and tells the computation", () => {
    const bench = new Bench(3, range);
    bench.cpuOf = () => 140;
    expect(bench.look()).toEqual(["ObjectUpdated", "StatusUpdated"]);
    expect(bench.replicas).toBe(6);
    const event = lastScaling(bench);
    expect(event && describeEvent(event)).toBe("scaled 3 -> 6: cpu 140% of 80%");
    expect(event).toMatchObject({ by: "controller:horizontal-pod-autoscaler", operation: "Scale" });
    const cause = bench.given.log.find(({ position }) => position === event?.cause);
    expect(cause).toMatchObject({ type: "ObjectCreated", object: { kind: "HorizontalPodAutoscaler" } });
    expect(bench.status).toMatchObject({
      desiredReplicas: 6,
      currentMetrics: [
        { type: "Resource", resource: { current: { averageUtilization: 140, averageValue: "140m" } } },
      ],
    });
    expect(bench.condition("AbleToScale")).toBe("True SucceededRescale");
  });

  test("never above the maximum", () => {
    const bench = new Bench(9, range);
    bench.cpuOf = () => 300;
    bench.look();
    expect(bench.replicas).toBe(10);
    expect(bench.condition("ScalingLimited")).toBe("True TooManyReplicas");
    expect(describeEvent(lastScaling(bench) as Positioned)).toBe(
      "scaled 9 -> 10: cpu 300% of 80% (TooManyReplicas: 34 were wanted)",
    );
  });

  test("below target: held back for five minutes, then down to the highest of that time", () => {
    const bench = new Bench(8, range);
    bench.look();
    bench.cpuOf = () => 40;
    bench.pass(150);
    expect(bench.replicas).toBe(8);
    expect(bench.condition("AbleToScale")).toBe("True ScaleDownStabilized");
    bench.cpuOf = () => 10;
    bench.pass(135);
    expect(bench.replicas).toBe(8);
    bench.pass(15);
    expect(bench.replicas).toBe(4);
    expect(bench.condition("AbleToScale")).toBe("True SucceededRescale");
    bench.pass(300);
    expect(bench.replicas).toBe(2);
    expect(bench.condition("ScalingLimited")).toBe("True TooFewReplicas");
  });

  test("a load that goes to and fro is held, and hardly written about", () => {
    const bench = new Bench(8, range);
    bench.look();
    const length = bench.given.log.length;
    for (let round = 0; round < 120; round++) {
      bench.cpuOf = () => (round % 2 === 0 ? 40 : 80);
      bench.pass(15);
    }
    expect(bench.replicas).toBe(8);
    // Half an hour; a hold is recorded again after a quarter of its window.
    expect(bench.given.since(length).length).toBeLessThanOrEqual(1800 / 75 + 1);
  });

  test("pods that are starting do not count as load", () => {
    const bench = new Bench(3, range);
    bench.look();
    bench.cpuOf = () => 140;
    bench.look();
    expect(bench.replicas).toBe(6);
    // The three new ones burn while they start.
    bench.cpuOf = (index) => (index < 3 ? 80 : 1000);
    bench.given.now += 5000;
    bench.look();
    expect(bench.replicas).toBe(6);
  });

  test.each([
    ["no figures at all", () => undefined, "False FailedGetResourceMetric"],
    [
      "figures of one of three, below target: the others count as all of their request",
      (index: number) => (index === 0 ? 10 : undefined),
      "True ValidMetricFound",
    ],
  ])("%s: nothing changes", (_, cpuOf, active) => {
    const bench = new Bench(3, { ...range, ...fast });
    bench.cpuOf = cpuOf;
    bench.pass(60);
    expect(bench.replicas).toBe(3);
    expect(bench.condition("ScalingActive")).toBe(active);
  });

  test("a pod without a request can't be measured by it", () => {
    const bench = new Bench(2, range);
    bench.given.run({
      type: "PatchObject",
      kind: "Deployment",
      namespace: "default",
      name: "web",
      patch: { spec: { template: { spec: { containers: [{ name: "main", image: "web:2" }] } } } },
    });
    bench.run();
    bench.given.now += 3_600_000;
    bench.look();
    expect(bench.status.conditions?.find(({ type }) => type === "ScalingActive")?.message).toMatch(
      /failed to get cpu utilization: missing request for cpu in container main of Pod web-/,
    );
  });
});

describe("the range", () => {
  test.each([
    [1, 2, "Current number of replicas below Spec.MinReplicas"],
    [14, 10, "Current number of replicas above Spec.MaxReplicas"],
  ])("%i replicas become %i at once, whatever the figures say", (replicas, wanted, reason) => {
    const bench = new Bench(replicas, range);
    bench.cpuOf = () => undefined;
    bench.look();
    expect(bench.replicas).toBe(wanted);
    expect(describeEvent(lastScaling(bench) as Positioned)).toBe(
      `scaled ${replicas} -> ${wanted}: ${reason}`,
    );
  });
  test("a target of no replicas is left alone", () => {
    const bench = new Bench(0, range);
    bench.pass(60);
    expect(bench.replicas).toBe(0);
    expect(bench.condition("ScalingActive")).toBe("False ScalingDisabled");
  });
});

describe("other metrics", () => {
  const target = (type: string, value: string) => ({
    target: { type, [type === "Value" ? "value" : "averageValue"]: value },
  });
  test.each([
    [
      "memory of each pod",
      metricOf("Resource", { name: "memory", ...target("AverageValue", "512Ki") }),
      {},
      6,
      "memory 1Mi of 512Ki a pod",
    ],
    [
      "one container",
      metricOf("ContainerResource", {
        name: "cpu",
        container: "main",
        target: { type: "Utilization", averageUtilization: 40 },
      }),
      {},
      6,
      "cpu of container main 80% of 40%",
    ],
    [
      "an object's value",
      metricOf("Object", {
        metric: { name: "queue" },
        describedObject: { kind: "Service", name: "web" },
        ...target("Value", "10"),
      }),
      { "Service/web/queue": 20_000 },
      6,
      "queue of Service web 20 of 10",
    ],
    [
      "an object's value, shared out",
      metricOf("Object", {
        metric: { name: "queue" },
        describedObject: { kind: "Service", name: "web" },
        ...target("AverageValue", "10"),
      }),
      { "Service/web/queue": 70_000 },
      7,
      "queue of Service web 23334m of 10 a pod",
    ],
    [
      "something outside",
      metricOf("External", { metric: { name: "orders" }, ...target("AverageValue", "5") }),
      { orders: 25_000 },
      5,
      "orders 8334m of 5 a pod",
    ],
  ])("%s", (_, metric, figures, wanted, text) => {
    const bench = new Bench(3, { ...range, metrics: [metric] });
    for (const [name, milli] of Object.entries(figures)) bench.metrics.set(name, milli);
    bench.look();
    expect(bench.replicas).toBe(wanted);
    expect(describeEvent(lastScaling(bench) as Positioned)).toBe(`scaled 3 -> ${wanted}: ${text}`);
  });

  test("a metric of every pod", () => {
    const bench = new Bench(3, {
      ...range,
      metrics: [metricOf("Pods", { metric: { name: "rps" }, ...target("AverageValue", "100") })],
    });
    for (const { ref } of bench.pods) bench.metrics.set(`Pod/${ref.name}/rps`, 250_000);
    bench.look();
    expect(describeEvent(lastScaling(bench) as Positioned)).toBe(
      "scaled 3 -> 7: rps 250 of 100 a pod (ScaleUpLimit: 8 were wanted)",
    );
  });

  test("the most that any asks for counts; while one can't be had nothing goes", () => {
    const metrics = [
      metricOf("Resource", { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } }),
      metricOf("External", { metric: { name: "orders" }, ...target("Value", "10") }),
    ];
    const bench = new Bench(4, { ...range, ...fast, metrics });
    bench.cpuOf = () => 20;
    bench.pass(30);
    expect(bench.replicas).toBe(4);
    expect(bench.condition("ScalingActive")).toBe("False FailedGetExternalMetric");
    bench.cpuOf = () => 160;
    bench.pass(15);
    expect(bench.replicas).toBe(8);
    bench.metrics.set("orders", 1000);
    bench.cpuOf = () => 40;
    bench.pass(15);
    expect(bench.replicas).toBe(4);
  });
});

describe("trouble", () => {
  test("no such target", () => {
    const bench = new Bench(3, {
      ...range,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "none" },
    });
    bench.look();
    expect(bench.condition("AbleToScale")).toBe("False FailedGetScale");
    expect(bench.look()).toEqual([]);
  });
  test("two autoscalers of one target: neither acts", () => {
    const bench = new Bench(3, range);
    bench.given.create({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "rival" },
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 5 },
    });
    bench.cpuOf = () => 500;
    bench.look();
    expect(bench.replicas).toBe(3);
    expect(bench.condition("ScalingActive")).toBe("False AmbiguousSelector");
  });
});

describe("a new leader", () => {
  test("lets nothing go sooner, and at most a quarter of the window later, than the old one would have", () => {
    const steady = new Bench(8, range);
    const failing = new Bench(8, range);
    for (const bench of [steady, failing]) {
      bench.look();
      bench.cpuOf = () => 40;
      bench.pass(150);
    }
    failing.memory = undefined;
    const goesAfter = (bench: Bench): number => {
      let seconds = 0;
      for (; bench.replicas === 8 && seconds < 1000; seconds += 15) bench.pass(15);
      return seconds;
    };
    const undisturbed = goesAfter(steady);
    const later = goesAfter(failing) - undisturbed;
    expect(later).toBeGreaterThanOrEqual(0);
    expect(later).toBeLessThanOrEqual(75);
  });
  test("counts what policies allow by the changes that were recorded", () => {
    const behavior = { scaleUp: { policies: [{ type: "Pods", value: 2, periodSeconds: 300 }] } };
    const bench = new Bench(3, { ...range, behavior });
    bench.cpuOf = () => 500;
    bench.look();
    expect(bench.replicas).toBe(5);
    bench.memory = undefined;
    bench.pass(285);
    expect(bench.replicas).toBe(5);
    expect(bench.condition("ScalingLimited")).toBe("True ScaleUpLimit");
    bench.pass(15);
    expect(bench.replicas).toBe(7);
  });
});
