// delete, scale, label, annotate, taint, cordon, drain, wait.

import { describe, expect, test } from "vitest";
import type { Position } from "../../protocol/mod.ts";
import { holding, storedController, storedNode, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const at = (position: number): Position => position as Position;

describe("delete", () => {
  test("deletes the very object, and waits until it is gone", async () => {
    const { start, out, world, api } = terminal(holding([storedPod("web")]));
    let code: number | undefined;
    void start(["delete", "pod", "web", "--grace-period", "5"]).then((is) => {
      code = is;
    });
    await world.settle();
    expect([out(), code]).toEqual(['pod "web" deleted\n', undefined]);
    expect(api.of("delete")[0]?.request).toMatchObject({
      gracePeriodSeconds: 5,
      propagationPolicy: "Background",
      preconditions: { uid: "uid-web" },
    });
    api.watches[0]?.send({ type: "DELETED", object: storedPod("web"), position: at(12) });
    await world.settle();
    expect(code).toBe(0);
  });
  test("--timeout ends the wait with an error", async () => {
    const { run, err } = terminal(holding([storedPod("web")]));
    expect(await run(["delete", "pod/web", "--timeout", "3s"])).toBe(1);
    expect(err()).toContain("waited 3s, and these are not gone yet: Pod web");
  });
  test.each([
    [["delete", "pods", "--all", "--no-wait"], { propagationPolicy: "Background" }],
    [
      ["delete", "pods", "-l", "app=web", "--wait=false", "--cascade", "orphan"],
      { propagationPolicy: "Orphan" },
    ],
    [["delete", "pod", "web", "--force", "--no-wait"], { gracePeriodSeconds: 0 }],
    [
      ["delete", "pod", "web", "--now", "--no-wait", "--cascade=foreground"],
      { gracePeriodSeconds: 1, propagationPolicy: "Foreground" },
    ],
  ])("%j", async (argv, request) => {
    const { run, api } = terminal(holding([storedPod("web")]));
    expect(await run(argv)).toBe(0);
    expect(api.of("delete")[0]?.request).toMatchObject(request);
  });
  test("by manifest: what is gone already is no error with --ignore-not-found", async () => {
    const stdin =
      "apiVersion: v1\nkind: Pod\nmetadata: { name: gone }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: web }\n";
    const strict = terminal(holding([storedPod("web")]), { stdin });
    expect(await strict.run(["delete", "-f", "-", "--no-wait"])).toBe(1);
    expect([strict.out(), strict.err()]).toEqual([
      'pod "web" deleted\n',
      'Error from server (NotFound): pods "gone" not found\n',
    ]);
    const lax = terminal(holding([storedPod("web")]), { stdin });
    expect(await lax.run(["delete", "-f", "-", "--no-wait", "--ignore-not-found"])).toBe(0);
  });
  test.each([
    [["delete", "pods"], "select them with -l, --field-selector or --all"],
    [["delete", "pod", "web", "--all"], "give names or a selector, not both"],
    [["delete", "pod", "web", "--grace-period", "0"], "add --force"],
    [["delete", "pod", "web", "--cascade", "maybe"], "--cascade takes"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err, api } = terminal(holding([storedPod("web")]));
    expect(await run(argv)).toBe(2);
    expect(err()).toContain(message);
    expect(api.of("delete")).toEqual([]);
  });
});

describe("scale", () => {
  test("patches the scale of each", async () => {
    const { run, out, api } = terminal(holding([storedController("web", 3), storedController("api", 1)]));
    expect(await run(["scale", "rc", "web", "api", "--replicas=5"])).toBe(0);
    expect(out()).toBe("replicationcontroller/web scaled\nreplicationcontroller/api scaled\n");
    expect(api.of("patch")[0]).toMatchObject({
      target: { subresource: "scale" },
      request: { patch: { spec: { replicas: 5 } } },
    });
  });
  test("with another present number nothing changes", async () => {
    const { run, err, api } = terminal(holding([storedController("web", 3)]));
    expect(await run(["scale", "rc/web", "--replicas=5", "--current-replicas=2"])).toBe(1);
    expect(err()).toContain("expected web to have 2 replicas, found 3");
    expect(api.of("patch")).toEqual([]);
  });
  test.each([
    [["scale", "rc/web", "--replicas=-1"], "--replicas takes a whole number of at least 0"],
    [["scale", "rc/web", "--replicas=1e3"], "--replicas takes a whole number"],
    [["scale", "svc/web", "--replicas=1"], "a service has no replicas"],
    [["scale", "rc", "--replicas=1"], "name a replicationcontroller"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err } = terminal(holding([]));
    expect(await run(argv)).toBe(2);
    expect(err()).toContain(message);
  });
});

describe("label and annotate", () => {
  const labelled = storedPod("web", { metadata: { labels: { app: "web", old: "x" } } });
  test.each([
    [
      ["label", "pod", "web", "tier=front", "old-"],
      "pod/web labeled\n",
      { metadata: { labels: { tier: "front", old: null } } },
    ],
    [["label", "pod/web", "old-"], "pod/web unlabeled\n", { metadata: { labels: { old: null } } }],
    [
      ["label", "pod/web", "app=api", "--overwrite"],
      "pod/web labeled\n",
      { metadata: { labels: { app: "api" } } },
    ],
    [
      ["annotate", "pods", "--all", "note=a=b c"],
      "pod/web annotated\n",
      { metadata: { annotations: { note: "a=b c" } } },
    ],
    [["label", "pod/web", "app=web"], "pod/web not labeled\n", undefined],
    [["label", "pod/web", "--list"], "app=web\nold=x\n", undefined],
  ])("%j", async (argv, text, patch) => {
    const { run, out, api } = terminal(holding([labelled]));
    expect(await run(argv)).toBe(0);
    expect(out()).toBe(text);
    expect(api.of("patch")[0]?.request.patch).toEqual(patch);
  });
  test("another's value is kept without --overwrite", async () => {
    const { run, err, api } = terminal(holding([labelled]));
    expect(await run(["label", "pod", "web", "app=api"])).toBe(1);
    expect(err()).toBe("error: pod/web: 'app' already has a value (web), and --overwrite is false\n");
    expect(api.of("patch")).toEqual([]);
  });
  test("nothing to change, and both at once, are usage errors", async () => {
    const { run } = terminal(holding([labelled]));
    expect([await run(["label", "pod", "web"]), await run(["label", "pod/web", "a=b", "a-"])]).toEqual([
      2, 2,
    ]);
  });
});

describe("nodes", () => {
  const nodes = [
    storedNode("n1", { spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] } }),
    storedNode("n2", { spec: { unschedulable: true } }),
  ];
  test.each([
    [["cordon", "n1"], "node/n1 cordoned\n", { spec: { unschedulable: true } }],
    [["cordon", "node/n2"], "node/n2 already cordoned\n", undefined],
    [["uncordon", "n2"], "node/n2 uncordoned\n", { spec: { unschedulable: null } }],
    [
      ["taint", "nodes", "n1", "team=a:NoExecute"],
      "node/n1 tainted\n",
      {
        spec: {
          taints: [
            { key: "gpu", effect: "NoSchedule" },
            { key: "team", value: "a", effect: "NoExecute" },
          ],
        },
      },
    ],
    [["taint", "n1", "gpu:NoSchedule-"], "node/n1 untainted\n", { spec: { taints: [] } }],
    [["taint", "n1", "gpu-"], "node/n1 untainted\n", { spec: { taints: [] } }],
    [
      ["taint", "n1", "gpu=a:NoSchedule", "--overwrite"],
      "node/n1 tainted\n",
      { spec: { taints: [{ key: "gpu", value: "a", effect: "NoSchedule" }] } },
    ],
    [
      ["taint", "n1", "gpu-", "team=a:NoExecute"],
      "node/n1 modified\n",
      { spec: { taints: [{ key: "team", value: "a", effect: "NoExecute" }] } },
    ],
  ])("%j", async (argv, text, patch) => {
    const { run, out, api } = terminal(holding(nodes));
    expect(await run(argv)).toBe(0);
    expect(out()).toBe(text);
    expect(api.of("patch")[0]?.request.patch).toEqual(patch);
  });
  test("--all taints every node, and one that has it already is named", async () => {
    const { run, out, err } = terminal(holding(nodes));
    expect(await run(["taint", "nodes", "--all", "gpu=a:NoSchedule"])).toBe(1);
    expect(out()).toBe("node/n2 tainted\n");
    expect(err()).toContain(
      "node n1 already has a taint with key gpu and effect NoSchedule, and --overwrite is false",
    );
  });
  test("a taint that is not there can't be taken away", async () => {
    const { run, err } = terminal(holding(nodes));
    expect(await run(["taint", "n1", "team:NoExecute-"])).toBe(1);
    expect(err()).toContain('taint "team:NoExecute" not found on node n1');
  });
  test("a drain tells its steps", async () => {
    const { run, out } = terminal(holding(nodes));
    expect(await run(["drain", "n1", "--ignore-daemonsets"])).toBe(0);
    expect(out()).toBe("node/n1 cordoned\nnode/n1 drained\n");
  });
  test("a drain says once what a budget holds, and that it tries again", async () => {
    const owned = {
      ...storedPod("web-1"),
      metadata: {
        ...storedPod("web-1").metadata,
        ownerReferences: [
          { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "rs", controller: true },
        ],
      },
    };
    const message = "Cannot evict pod as it would violate the pod's disruption budget.";
    const { run, err } = terminal((api) => {
      const held = holding([...nodes, owned])(api);
      return (asked) =>
        asked.target.subresource === "eviction"
          ? { ok: false, version: 1, error: { code: "DisruptionBudget", message } }
          : held(asked);
    });
    expect(await run(["drain", "n1", "--timeout", "3s"])).toBe(1);
    expect(err()).toBe(
      `error when evicting pods/"web-1" -n "default" (will retry after 1s): ${message}\n` +
        'Error from server (Timeout): node "n1" was not drained within 3s, with these pods left: default/web-1\n',
    );
  });
  test.each([
    [["taint", "n1", "gpu=yes"], "effects are NoSchedule"],
    [["taint", "n1"], "say which taints"],
    [["taint", "n1", "a=b:NoSchedule", "--all"], "not both"],
    [["drain"], "name the nodes"],
    [["cordon", "pod/x"], "expected a node"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err } = terminal(holding(nodes));
    expect(await run(argv)).toBe(2);
    expect(err()).toContain(message);
  });
});

describe("wait", () => {
  const pod = (status: string) => storedPod("web", { status: { conditions: [{ type: "Ready", status }] } });
  test("until a condition is met", async () => {
    const { start, out, world, api } = terminal(holding([pod("False")]));
    const code = start(["wait", "pod/web", "--for=condition=ready"]);
    await world.settle();
    expect(out()).toBe("");
    api.watches[0]?.send({ type: "MODIFIED", object: pod("True"), position: at(12) });
    await world.settle();
    expect([await code, out()]).toEqual([0, "pod/web condition met\n"]);
  });
  test("a workload is ready when all of its replicas are; deletion of what is gone is done", async () => {
    const { run, out } = terminal(holding([storedController("web", 2)]));
    expect(await run(["wait", "rc/web", "--for", "condition=Ready"])).toBe(0);
    expect(await run(["wait", "pod/gone", "--for", "delete"])).toBe(0);
    expect(out()).toBe("replicationcontroller/web condition met\n");
  });
  test("the deadline is an error", async () => {
    const { run, err } = terminal(holding([pod("False")]));
    expect(await run(["wait", "pod/web", "--for=condition=Ready", "--timeout=5s"])).toBe(1);
    expect(err()).toBe("error: timed out waiting for the condition on pod/web\n");
  });
});
