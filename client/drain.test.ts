import { expect, test } from "vitest";
import type { ApiObject } from "../protocol/mod.ts";
import { answer, type Script, type ScriptedApi, storedPod } from "./testkit/scripted-api.ts";
import { scriptedCluster } from "./testkit/scripted-cluster.ts";

const owned = {
  ownerReferences: [
    { apiVersion: "v1", kind: "ReplicationController", name: "web", uid: "rc", controller: true },
  ],
};
const node: ApiObject = { apiVersion: "v1", kind: "Node", metadata: { name: "n1", uid: "n" }, spec: {} };

function draining(pods: readonly ApiObject[]) {
  const holder: { api?: ScriptedApi } = {};
  let present = [...pods];
  /** How often a budget still says no, by pod. */
  const refusals = new Map<string, number>();
  const script: Script = (asked) => {
    const { target, request } = asked;
    if (target.verb === "watch") return holder.api?.watch(asked) ?? "silence";
    if (target.verb === "list") {
      const named = request.fieldSelector?.startsWith("metadata.name=");
      return answer(5, {
        type: "list",
        kind: "Pod",
        items: named
          ? present.filter(({ metadata }) => request.fieldSelector?.endsWith(`=${metadata.name}`))
          : present,
      });
    }
    if (target.subresource === "eviction" || target.verb === "delete") {
      const left = refusals.get(target.name ?? "") ?? 0;
      if (left > 0 && target.verb !== "delete") {
        refusals.set(target.name ?? "", left - 1);
        return { ok: false, version: 1, error: { code: "DisruptionBudget", message: "not now" } };
      }
      const gone = present.find(({ metadata }) => metadata.name === target.name) ?? storedPod("x");
      present = present.filter((pod) => pod !== gone);
      return answer(6, { type: "object", object: gone, outcome: "deleted" });
    }
    return answer(4, { type: "object", object: node, outcome: "configured" });
  };
  const cluster = scriptedCluster(script);
  holder.api = cluster.api;
  return { ...cluster, refusals };
}

test("a drain cordons, evicts and waits until the pods are gone", async () => {
  const { client, api, settled } = draining([
    storedPod("a", { metadata: owned }),
    storedPod("done", { status: { phase: "Succeeded" } }), // goes too: nobody needs it to stay
  ]);
  const steps = await settled(Array.fromAsync(client.drain("n1", { gracePeriodSeconds: 3 })));
  expect(steps.map(({ type }) => type)).toEqual(["cordoned", "evicting", "evicting", "evicted", "evicted"]);
  expect(api.of("patch")[0]?.request.patch).toEqual({ spec: { unschedulable: true } });
  expect(api.of("list")[0]).toMatchObject({
    target: { allNamespaces: true },
    request: { fieldSelector: "spec.nodeName=n1" },
  });
  expect(api.of("create")[0]).toMatchObject({
    target: { subresource: "eviction", name: "a" },
    request: { gracePeriodSeconds: 3 },
  });
});

test("pods of daemon sets stay, and only if that is said", async () => {
  const daemon = {
    ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "log", uid: "ds", controller: true }],
  };
  const { client, api, settled } = draining([
    storedPod("log-1", { metadata: daemon }),
    storedPod("web-1", { metadata: owned }),
  ]);
  await expect(settled(Array.fromAsync(client.drain("n1")))).rejects.toMatchObject({
    code: "Conflict",
    message: expect.stringContaining("default/log-1"),
  });
  expect(api.of("create")).toEqual([]);
  await settled(Array.fromAsync(client.drain("n1", { ignoreDaemonSets: true })));
  expect(api.of("create").map(({ target }) => target.name)).toEqual(["web-1"]);
});

test("pods that nobody would replace are evicted by force only", async () => {
  const { client, api, settled } = draining([storedPod("alone")]);
  await expect(settled(Array.fromAsync(client.drain("n1")))).rejects.toThrow(
    "cannot delete Pods that declare no controller (use --force to override): default/alone",
  );
  expect(api.of("create")).toHaveLength(0);
  const steps = await settled(Array.fromAsync(client.drain("n1", { force: true, dryRun: true })));
  expect(steps.map(({ type }) => type)).toEqual(["cordoned", "warning", "evicting"]);
});

test("pods with local storage go only if that is said", async () => {
  const { client, settled } = draining([
    storedPod("a", { metadata: owned, spec: { containers: [], volumes: [{ name: "x", emptyDir: {} }] } }),
  ]);
  await expect(settled(Array.fromAsync(client.drain("n1")))).rejects.toThrow(
    'unable to drain node "n1": cannot delete Pods with local storage (use --delete-emptydir-data to override): default/a',
  );
  const steps = await settled(Array.fromAsync(client.drain("n1", { deleteEmptyDirData: true })));
  expect(steps.map(({ type }) => type)).toEqual(["cordoned", "warning", "evicting", "evicted"]);
});

test("what a budget holds is asked for again until it is let go", async () => {
  const { client, api, settled, refusals } = draining([
    storedPod("a", { metadata: owned }),
    storedPod("b", { metadata: owned }),
  ]);
  refusals.set("b", 2);
  const steps = await settled(Array.fromAsync(client.drain("n1")));
  expect(steps.map((step) => [step.type, "pod" in step ? step.pod : ""])).toEqual([
    ["cordoned", ""],
    ["evicting", "a"],
    ["evicting", "b"],
    ["refused", "b"],
    ["evicted", "a"],
    ["refused", "b"],
    ["evicted", "b"],
  ]);
  expect(api.of("create").filter(({ target }) => target.name === "b")).toHaveLength(3);
});

test("a drain ends at its timeout, and names what is left; without evictions budgets are not asked", async () => {
  const { client, api, settled, refusals } = draining([storedPod("b", { metadata: owned })]);
  refusals.set("b", 1000);
  await expect(settled(Array.fromAsync(client.drain("n1", { timeoutMs: 5000 })))).rejects.toMatchObject({
    code: "Timeout",
    message: expect.stringContaining('node "n1" was not drained within 5s, with these pods left: default/b'),
  });
  await settled(Array.fromAsync(client.drain("n1", { disableEviction: true })));
  expect(api.of("delete").map(({ target }) => target.name)).toEqual(["b"]);
});
