// `berth top`, `berth autoscale`, and autoscalers in `berth get` and `describe`.

import { describe, expect, test } from "vitest";
import { answer, type Script, type ScriptedApi } from "../../client/testkit/scripted-api.ts";
import type { ApiObject } from "../../protocol/mod.ts";
import { holding, storedController, storedNode } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const podMetrics = (name: string, cpu: string, memory: string, more: object = {}): ApiObject => ({
  apiVersion: "metrics.k8s.io/v1beta1",
  kind: "PodMetrics",
  metadata: { name, namespace: "default" },
  timestamp: "2026-01-01T00:59:57Z",
  window: "10s",
  containers: [
    { name: "main", usage: { cpu, memory } },
    { name: "side", usage: { cpu: "1m", memory: "1Mi" } },
  ],
  ...more,
});
const nodeMetrics: ApiObject = {
  apiVersion: "metrics.k8s.io/v1beta1",
  kind: "NodeMetrics",
  metadata: { name: "n1" },
  timestamp: "2026-01-01T00:59:57Z",
  window: "10s",
  usage: { cpu: "500m", memory: "1Gi" },
};
const node = storedNode("n1", {
  status: { allocatable: { cpu: "2", memory: "4Gi" }, capacity: { cpu: "4", memory: "8Gi" } },
});

const measured =
  (...pods: readonly ApiObject[]) =>
  (api: ScriptedApi): Script =>
  (asked) => {
    const { group, resource } = asked.target;
    if (group !== "metrics.k8s.io") return holding([node])(api)(asked);
    const items = resource === "nodes" ? [nodeMetrics] : pods;
    return answer(
      5,
      { type: "list", kind: "PodMetrics", items },
      pods.length === 0 ? ["no figures (yet) of pod x"] : [],
    );
  };

describe("top", () => {
  const two = measured(podMetrics("web-1", "10m", "20Mi"), podMetrics("web-2", "90m", "4Mi"));
  test.each<[string[], string]>([
    [["pods"], "NAME    CPU(cores)   MEMORY(bytes)\nweb-1   11m          21Mi\nweb-2   91m          5Mi\n"],
    [["pods", "--sort-by", "cpu", "--no-headers"], "web-2   91m   5Mi\nweb-1   11m   21Mi\n"],
    [
      ["pod", "web-2", "--containers"],
      "POD     NAME   CPU(cores)   MEMORY(bytes)\nweb-2   main   90m          4Mi\nweb-2   side   1m           1Mi\n",
    ],
    [
      ["po", "-A", "--sum"],
      "NAMESPACE   NAME    CPU(cores)   MEMORY(bytes)\ndefault     web-1   11m          21Mi\ndefault     web-2   91m          5Mi\n                    102m         26Mi\n",
    ],
    [
      ["nodes"],
      "NAME   CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)\nn1     500m         25%      1024Mi          25%\n",
    ],
    [
      ["node", "n1", "--show-capacity"],
      "NAME   CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)\nn1     500m         12%      1024Mi          12%\n",
    ],
  ])("%s", async (args, text) => {
    const { run, out } = terminal(two);
    expect(await run(["top", ...args])).toBe(0);
    expect(out()).toBe(text);
  });
  test("says what there are no figures of", async () => {
    const { run, out, err } = terminal(measured());
    expect(await run(["top", "pods"])).toBe(0);
    expect([out(), err()]).toEqual([
      "",
      "Warning: no figures (yet) of pod x\nNo resources found in default namespace.\n",
    ]);
    const named = terminal(two);
    expect(await named.run(["top", "pod", "web-9"])).toBe(1);
    expect(named.err()).toContain('there are no figures of pod "web-9" (yet)');
  });
  test.each([[["--sort-by", "name"]], [["-o", "wide"]], [["-A", "web-1"]]])("refuses %s", async (args) => {
    const { run } = terminal(two);
    expect(await run(["top", "pods", ...args])).toBe(2);
  });
});

describe("autoscale", () => {
  const made = async (...args: string[]): Promise<unknown> => {
    const { run, api, out } = terminal(holding([storedController("web", 2)]));
    expect(await run(["autoscale", "rc/web", ...args])).toBe(0);
    expect(out()).toBe("horizontalpodautoscaler.autoscaling/web autoscaled\n");
    return api.asked.find(({ target }) => target.verb === "create")?.request.object;
  };
  const resource = (name: string, target: object) => ({ type: "Resource", resource: { name, target } });
  const reference = { apiVersion: "v1", kind: "ReplicationController", name: "web" };
  test.each<[string[], object]>([
    [["--max", "5"], { scaleTargetRef: reference, maxReplicas: 5 }],
    [
      ["--min=2", "--max=5", "--cpu-percent=60"],
      { minReplicas: 2, metrics: [resource("cpu", { type: "Utilization", averageUtilization: 60 })] },
    ],
    [
      ["--max=5", "--cpu=60%"],
      { metrics: [resource("cpu", { type: "Utilization", averageUtilization: 60 })] },
    ],
    [
      ["--max=5", "--cpu=500m", "--memory=1Gi"],
      {
        metrics: [
          resource("cpu", { type: "AverageValue", averageValue: "500m" }),
          resource("memory", { type: "AverageValue", averageValue: "1Gi" }),
        ],
      },
    ],
  ])("%s", async (args, spec) => {
    expect(await made(...args)).toMatchObject({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec,
    });
  });
  test.each([[["rc/web"]], [["pod/web", "--max=5"]], [["rc/web", "--max=5", "--cpu=1%", "--cpu-percent=1"]]])(
    "refuses %s",
    async (args) => {
      const { run } = terminal(holding([storedController("web", 2)]));
      expect(await run(["autoscale", ...args])).toBe(2);
    },
  );
});

describe("an autoscaler", () => {
  const target = { type: "Utilization", averageUtilization: 80 };
  const autoscaler: ApiObject = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace: "default", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 2,
      maxReplicas: 9,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target } },
        {
          type: "Pods",
          pods: { metric: { name: "rps" }, target: { type: "AverageValue", averageValue: "100" } },
        },
        {
          type: "External",
          external: { metric: { name: "orders" }, target: { type: "Value", value: "10" } },
        },
      ],
    },
    status: {
      currentReplicas: 3,
      desiredReplicas: 3,
      currentMetrics: [
        {
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 12, averageValue: "12m" } },
        },
        { type: "Pods", pods: { metric: { name: "rps" }, current: { averageValue: "40" } } },
      ],
      conditions: [
        {
          type: "AbleToScale",
          status: "True",
          reason: "ReadyForNewScale",
          message: "recommended size matches current size",
        },
      ],
    },
  };
  test("has kubectl's columns", async () => {
    const { run, out } = terminal(holding([autoscaler]));
    await run(["get", "hpa"]);
    const [titles = "", row = ""] = out().split("\n");
    expect(titles.split(/ {2,}/)).toEqual([
      "NAME",
      "REFERENCE",
      "TARGETS",
      "MINPODS",
      "MAXPODS",
      "REPLICAS",
      "AGE",
    ]);
    expect(row).toBe(
      "web    Deployment/web   cpu: 12%/80%, 40/100 (avg) + 1 more...   2         9         3          60m",
    );
  });
  test("is described with what it follows", async () => {
    const { run, out } = terminal(holding([autoscaler]));
    await run(["describe", "hpa", "web", "--no-show-events"]);
    expect(out()).toContain("resource cpu on pods (as a percentage of request):  12% / 80%");
    expect(out()).toContain('"orders" (external):                                <unknown> / 10');
    expect(out()).toMatch(/Deployment pods: +3 current \/ 3 desired/);
    expect(out()).toMatch(/AbleToScale +True +ReadyForNewScale +recommended size matches current size/);
  });
});
