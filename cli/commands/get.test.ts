import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { refuse } from "../../client/testkit/scripted-api.ts";
import type { Position } from "../../protocol/mod.ts";
import { holding, storedController, storedNode, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const at = (position: number): Position => position as Position;
const running = (name: string, more: object = {}) =>
  storedPod(name, {
    status: {
      phase: "Running",
      podIP: "10.0.0.1",
      containerStatuses: [
        { name: "web", ready: true, restartCount: 0, image: "", imageID: "", state: { running: {} } },
      ],
    },
    ...more,
  });

describe("tables", () => {
  test("pods have kubectl's columns", async () => {
    const { run, out, err } = terminal(holding([running("web-1"), running("web-22")]));
    expect(await run(["get", "pods"])).toBe(0);
    expect(out()).toBe(
      "NAME     READY   STATUS    RESTARTS   AGE\n" +
        "web-1    1/1     Running   0          60m\n" +
        "web-22   1/1     Running   0          60m\n",
    );
    expect(err()).toBe("");
  });
  test("-o wide, -A, --show-labels and --no-headers change the columns", async () => {
    const pod = running("web", {
      metadata: { labels: { b: "2", a: "1" } },
      spec: { nodeName: "n1", containers: [{ name: "web", image: "x" }] },
    });
    const { run, out } = terminal(holding([pod]));
    await run(["get", "po", "-A", "-o", "wide", "--show-labels"]);
    expect(out().split("\n")[0]).toBe(
      "NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   IP         NODE   NOMINATED NODE   READINESS GATES   LABELS",
    );
    expect(out()).toContain("10.0.0.1   n1     <none>           <none>            a=1,b=2");
    const bare = terminal(holding([pod]));
    await bare.run(["get", "po", "--no-headers"]);
    expect(bare.out()).toBe("web   1/1   Running   0     60m\n");
  });
  test("several kinds follow each other, with the kind before the name", async () => {
    const { run, out } = terminal(holding([running("web"), storedController("web", 3)]));
    expect(await run(["get", "all"])).toBe(0);
    expect(out()).toBe(
      "NAME      READY   STATUS    RESTARTS   AGE\npod/web   1/1     Running   0          60m\n\n" +
        "NAME                        DESIRED   CURRENT   READY   AGE\nreplicationcontroller/web   3         3         3       60m\n",
    );
  });
  test("nothing found is said on standard error", async () => {
    const { run, out, err } = terminal(holding([]));
    expect(await run(["get", "pods", "-n", "shop"])).toBe(0);
    expect([out(), err()]).toEqual(["", "No resources found in shop namespace.\n"]);
    const nodes = terminal(holding([]));
    await nodes.run(["get", "nodes"]);
    expect(nodes.err()).toBe("No resources found\n");
  });
  test("--sort-by sorts by a field", async () => {
    const { run, out } = terminal(
      holding([storedController("a", 5), storedController("b", 2), storedController("c", 11)]),
    );
    await run(["get", "rc", "--sort-by", "{.spec.replicas}", "-o", "name"]);
    expect(out()).toBe("replicationcontroller/b\nreplicationcontroller/a\nreplicationcontroller/c\n");
  });
});

describe("whole objects", () => {
  test("one by name is the object, several are a List", async () => {
    const one = terminal(holding([running("web")]));
    await one.run(["get", "pod/web", "-o", "json"]);
    expect(JSON.parse(one.out())).toMatchObject({ kind: "Pod", metadata: { name: "web" } });
    const all = terminal(holding([running("web")]));
    await all.run(["get", "pods", "-o", "yaml"]);
    expect(parse(all.out())).toMatchObject({ kind: "List", items: [{ metadata: { name: "web" } }] });
  });
  test("a missing name is an error, and the others are shown", async () => {
    const { run, out, err } = terminal(holding([running("web")]));
    expect(await run(["get", "pods", "web", "nope"])).toBe(1);
    expect(out()).toContain("web ");
    expect(err()).toBe('Error from server (NotFound): pods "nope" not found\n');
    const quiet = terminal(holding([]));
    expect(await quiet.run(["get", "pods", "nope", "--ignore-not-found"])).toBe(0);
    expect([quiet.out(), quiet.err()]).toEqual(["", ""]);
  });
});

describe("watching", () => {
  test("the table first, then a line for each change, and 130 after Ctrl-C", async () => {
    const { start, out, world, api, interrupt } = terminal(holding([running("web")]));
    const ended = start(["get", "pods", "-w"]);
    await world.settle();
    api.watches[0]?.send({
      type: "DELETED",
      object: running("web", { metadata: { deletionTimestamp: "2026-01-01T00:59:00Z" } }),
      position: at(12),
    });
    await world.settle();
    expect(out()).toBe(
      "NAME   READY   STATUS    RESTARTS   AGE\nweb    1/1     Running   0          60m\n" +
        "web    1/1     Terminating   0          60m\n",
    );
    interrupt();
    await world.settle();
    expect(await ended).toBe(130);
  });
  test("--watch-only leaves out what is there, and -o name prints names", async () => {
    const { start, out, world, api } = terminal(holding([running("web")]));
    void start(["get", "pod", "web", "--watch-only", "-o", "name"]);
    await world.settle();
    expect([out(), api.watches[0]?.request.fieldSelector]).toEqual(["", "metadata.name=web"]);
    api.watches[0]?.send({ type: "MODIFIED", object: running("web"), position: at(12) });
    await world.settle();
    expect(out()).toBe("pod/web\n");
  });
});

describe("what is asked of the cluster", () => {
  test("selectors and namespace go along", async () => {
    const { run, api } = terminal(holding([]));
    await run([
      "get",
      "pods,svc",
      "-n",
      "shop",
      "-l",
      "app in (a,b)",
      "--field-selector",
      "status.phase=Running",
    ]);
    expect(api.asked).toMatchObject([
      {
        target: { resource: "pods", namespace: "shop" },
        request: { labelSelector: "app in (a,b)", fieldSelector: "status.phase=Running" },
      },
      { target: { resource: "services", namespace: "shop" } },
    ]);
  });
  test.each([
    [["get", "events"], "berth events shows them"],
    [["get", "foo"], 'the cluster has no resource type "foo"'],
    [["get"], "name what you want"],
    [["get", "pods", "-o", "xml"], "-o takes json, yaml, name, wide"],
    [["get", "pods,svc", "-w"], "one kind, or one object, can be watched at a time"],
    [["get", "pods/web", "nodes"], "expected kind/name"],
    [["nonsense"], "unknown command"],
    [["get", "pods", "--timeout", "soon"], "--timeout takes a duration"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err } = terminal(holding([]));
    expect(await run(argv)).toBe(2);
    expect(err()).toContain(message);
  });
  test("failures of the cluster are shown with their code, and exit with 1", async () => {
    const { run, err } = terminal(() => () => refuse("Forbidden", "user admin may not list pods"));
    expect(await run(["get", "pods"])).toBe(1);
    expect(err()).toBe("Error from server (Forbidden): user admin may not list pods\n");
  });
});

describe("which cluster", () => {
  test("flags win over the environment, and that over a local cluster's record", async () => {
    const root = mkdtempSync(join(tmpdir(), "berth-cli-"));
    mkdirSync(join(root, ".berth"));
    mkdirSync(join(root, "deep", "below"), { recursive: true });
    writeFileSync(
      join(root, ".berth", "current.json"),
      JSON.stringify({ server: "nats://127.0.0.1:7777", prefix: "dev", user: "me" }),
    );
    const cwd = join(root, "deep", "below");
    const local = terminal(holding([]), { cwd });
    await local.run(["get", "nodes"]);
    const env = terminal(holding([]), { cwd, env: { BERTH_SERVER: "nats://env:1" } });
    await env.run(["get", "nodes"]);
    const flag = terminal(holding([]), { cwd, env: { BERTH_SERVER: "nats://env:1" } });
    await flag.run(["-s", "nats://flag:1", "--prefix", "p", "get", "nodes", "--timeout", "5s"]);
    expect([local.connected[0], env.connected[0], flag.connected[0]]).toMatchObject([
      { servers: "nats://127.0.0.1:7777", prefix: "dev", user: "me" },
      { servers: "nats://env:1", prefix: "berth", user: "admin" },
      { servers: "nats://flag:1", prefix: "p", timeoutMs: 5000 },
    ]);
  });
  test("colours show on a terminal only, and never against NO_COLOR", async () => {
    const script = () => () => refuse("Forbidden", "no");
    const plain = terminal(script);
    const coloured = terminal(script, { isTTY: true });
    const without = terminal(script, { isTTY: true, env: { NO_COLOR: "1" } });
    for (const { run } of [plain, coloured, without]) await run(["get", "nodes"]);
    expect([plain, coloured, without].map(({ err }) => err().includes("\u001b["))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

test("nodes show readiness, roles and the agent's version", async () => {
  const nodes = [
    storedNode("n1", { metadata: { labels: { "node-role.kubernetes.io/edge": "" } } }),
    storedNode("n2", {
      spec: { unschedulable: true },
      status: { conditions: [{ type: "Ready", status: "Unknown" }] },
    }),
  ];
  const { run, out } = terminal(holding(nodes));
  await run(["get", "no"]);
  expect(out()).toBe(
    "NAME   STATUS                        ROLES    AGE   VERSION\n" +
      "n1     Ready                         edge     60m   0.1.0\n" +
      "n2     NotReady,SchedulingDisabled   <none>   60m   \n",
  );
});
