// What `berth top` asks: usage as Kubernetes' metrics API has it, from what agents publish.

import { beforeEach, expect, test } from "vitest";
import { encodeJson, type ApiReply, type NodeName, nodeSubject, type SessionId } from "../../protocol/mod.ts";
import { Harness, namesOf } from "./testkit/harness.ts";
import { boundPod, createdPod, podRef, registeredNode } from "./testkit/written-log.ts";

let harness: Harness;
let session: SessionId;

beforeEach(async () => {
  harness = new Harness();
  await harness.create();
  await harness.readSide();
  session = (await harness.commit(registeredNode("n1"))) as SessionId;
});

const usage = { verb: "list", group: "metrics.k8s.io" } as const;
const pods = { ...usage, resource: "pods", namespace: "default" } as const;
const nodes = { ...usage, resource: "nodes" } as const;

async function publish(names: readonly string[], of: SessionId = session): Promise<void> {
  const message = {
    version: 1,
    session: of,
    at: 0,
    intervalMs: 10_000,
    windowMs: 10_000,
    node: { cpuMilli: 250, memoryBytes: 2 ** 30 },
    pods: names.map((name) => ({
      uid: podRef(name).uid,
      containers: [{ name: "main", cpuMilli: 12, memoryBytes: 64 * 2 ** 20 }],
    })),
  };
  harness.leader.publish(nodeSubject("berth", "n1" as NodeName, "usage"), encodeJson(message));
  await harness.world.settle();
}
const run = (...names: readonly string[]): Promise<number> =>
  harness.commit(...names.flatMap((name) => [createdPod(name, { app: name }), boundPod(podRef(name), "n1")]));
const warningsOf = (reply: ApiReply): readonly string[] =>
  reply.ok ? (reply.warnings ?? []) : [reply.error.message];

test("shows the newest figures of nodes and pods", async () => {
  await run("a");
  await publish(["a"]);
  expect(await harness.ask(pods)).toMatchObject({
    kind: "PodMetrics",
    items: [
      {
        apiVersion: "metrics.k8s.io/v1beta1",
        kind: "PodMetrics",
        metadata: { name: "a", namespace: "default", labels: { app: "a" } },
        window: "10s",
        containers: [{ name: "main", usage: { cpu: "12m", memory: "64Mi" } }],
      },
    ],
  });
  expect(await harness.ask(nodes)).toMatchObject({
    kind: "NodeMetrics",
    items: [{ metadata: { name: "n1" }, usage: { cpu: "250m", memory: "1Gi" } }],
  });
  expect(await harness.ask({ ...pods, verb: "get", name: "a" })).toMatchObject({ type: "object" });
});

test("says what has no figures, and which figures are old", async () => {
  await run("a", "b");
  expect(warningsOf(await harness.ask(nodes))).toEqual(["no figures (yet) of node n1"]);
  await publish(["a"]);
  const fresh = await harness.ask(pods);
  expect([namesOf(fresh), warningsOf(fresh)]).toEqual([["a"], ["no figures (yet) of pod b"]]);
  await harness.world.advance(31_000);
  const old = await harness.ask(pods);
  expect(old).toMatchObject({ items: [{ stale: true }] });
  expect(warningsOf(old)).toContain("figures are old, of node n1 (31s)");
  expect(warningsOf(await harness.ask({ ...pods, verb: "get", name: "b" }))).toEqual([
    'there are no figures of pod "b" (yet)',
  ]);
});

test("another session's figures are another agent's", async () => {
  await run("a");
  await publish(["a"], (session - 1) as SessionId);
  expect(namesOf(await harness.ask(pods))).toEqual([]);
});

test("selects by label, and pages by name", async () => {
  const names = ["a", "b", "c", "d", "e"];
  await run(...names);
  await publish(names);
  expect(namesOf(await harness.ask(pods, { labelSelector: "app in (b,d)" }))).toEqual(["b", "d"]);
  const seen: (string | undefined)[] = [];
  for (let next: string | undefined = ""; next !== undefined; ) {
    const reply: ApiReply = await harness.ask(pods, { limit: 2, ...(next !== "" && { continue: next }) });
    seen.push(...namesOf(reply));
    next = reply.ok && reply.type === "list" ? reply.continue : undefined;
  }
  expect(seen).toEqual(names);
});

test.each([
  [{ ...usage, verb: "watch", resource: "pods" } as const, "MethodNotSupported"],
  [{ ...usage, resource: "services" } as const, "MethodNotSupported"],
])("%s means nothing", async (target, code) => {
  const reply = await harness.ask(target);
  expect(!reply.ok && reply.error.code).toBe(code);
});
