import { describe, expect, test } from "vitest";
import { BerthError } from "../protocol/mod.ts";
import { answer, refuse, storedPod } from "./testkit/scripted-api.ts";
import { scriptedCluster } from "./testkit/scripted-cluster.ts";

const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers: [] } } as const;
const created = (position: number) =>
  answer(position, { type: "object", object: storedPod("web"), outcome: "created" });
const found = (position: number) => answer(position, { type: "object", object: storedPod("web") });

describe("mutations", () => {
  test("a try that is not answered is sent again under the same command id, until it is", async () => {
    let tries = 0;
    const { client, api, settled } = scriptedCluster(() => (++tries < 3 ? "silence" : created(7)));
    const done = await settled(client.apply(pod));
    expect(done).toMatchObject({ outcome: "created", position: 7, object: { metadata: { uid: "uid-web" } } });
    const ids = new Set(api.asked.map(({ request }) => request.commandId));
    expect([api.asked.length, ids.size]).toEqual([3, 1]);
    expect(new Set(api.asked.map(({ request }) => request.sentAt)).size).toBe(1);
    expect(api.asked[0]?.target).toMatchObject({
      verb: "apply",
      resource: "pods",
      namespace: "default",
      name: "web",
    });
  });
  test.each(["NoLeader", "Unavailable", "TooManyRequests", "Timeout"] as const)("%s passes", async (code) => {
    let tries = 0;
    const { client, settled } = scriptedCluster(() => (++tries < 3 ? refuse(code, "not now") : created(1)));
    await expect(settled(client.create(pod))).resolves.toMatchObject({ outcome: "created" });
  });
  test("a refusal is final, and a second mutation has an id of its own", async () => {
    const { client, api, settled } = scriptedCluster(() => refuse("Invalid", "spec.containers is empty"));
    await expect(settled(client.apply(pod))).rejects.toMatchObject({ code: "Invalid", status: 422 });
    await expect(settled(client.apply(pod))).rejects.toBeInstanceOf(BerthError);
    const [first, second] = api.asked;
    expect([api.asked.length, first?.request.commandId === second?.request.commandId]).toEqual([2, false]);
  });
  test("the deadline ends it, and says that the outcome is not known", async () => {
    const { client, settled, world } = scriptedCluster(() => "silence");
    const began = world.clock.monotonic();
    await expect(settled(client.apply(pod, { timeoutMs: 10_000 }))).rejects.toMatchObject({
      code: "Timeout",
      message: expect.stringMatching(
        /apply pods web: gave up after \d tries in 10s; whether it took effect is not known/,
      ),
    });
    expect(world.clock.monotonic() - began).toBeLessThanOrEqual(10_000);
  });
  test("with no master at all it says where it looked", async () => {
    const { client, api, settled } = scriptedCluster(() => "silence");
    api.stop();
    await expect(settled(client.apply(pod, { timeoutMs: 2000 }))).rejects.toMatchObject({
      code: "Unavailable",
      message: expect.stringContaining('no master of cluster "berth" listens on memory:'),
    });
  });
  test("where nobody listens and nobody ever did, it can end sooner; later, masters are being replaced", async () => {
    const quick = scriptedCluster(() => created(1), { firstAnswerMs: 3000 });
    quick.api.stop();
    await expect(quick.settled(quick.client.apply(pod))).rejects.toMatchObject({
      code: "Unavailable",
      message: expect.stringMatching(
        /check --prefix and --server \(apply pods web: gave up after \d+ tries in 3s\)/,
      ),
    });
    const served = scriptedCluster(() => created(1), { firstAnswerMs: 3000 });
    await served.settled(served.client.apply(pod));
    served.api.stop();
    await expect(served.settled(served.client.apply(pod))).rejects.toMatchObject({
      message: expect.stringMatching(/in 30s\)/),
    });
  });
  test("a connection that comes back in time carries it through", async () => {
    const { client, connection, settled, world } = scriptedCluster(() => created(1));
    connection.drop();
    world.clock.after(3000, () => connection.restore());
    await expect(settled(client.apply(pod))).resolves.toMatchObject({ outcome: "created" });
  });
  test("an abort ends it at once", async () => {
    const { client, settled, world } = scriptedCluster(() => "silence");
    const abort = new AbortController();
    world.clock.after(100, () => abort.abort(new Error("enough")));
    await expect(settled(client.apply(pod, { signal: abort.signal }))).rejects.toThrow("enough");
    expect(world.clock.monotonic()).toBeLessThan(1000);
  });
});

describe("reads", () => {
  test("a read sees at least what an earlier answer showed", async () => {
    const { client, api, settled } = scriptedCluster(({ target }) =>
      target.verb === "get" ? found(9) : created(7),
    );
    await settled(client.get("Pod", "web"));
    await settled(client.apply(pod));
    await settled(client.get("Pod", "web"));
    await settled(client.get("Pod", "web", { stale: true }));
    expect(api.of("get").map(({ request }) => request.minPosition)).toEqual([undefined, 9, undefined]);
    expect(client.position).toBe(9);
  });
  test("after a restored log the remembered position is forgotten", async () => {
    const { client, api, settled } = scriptedCluster(({ request }) =>
      request.minPosition === undefined ? found(5) : refuse("Expired", "another log"),
    );
    await settled(client.get("Pod", "web"));
    await expect(settled(client.get("Pod", "web"))).resolves.toMatchObject({ kind: "Pod" });
    expect(api.asked.map(({ request }) => request.minPosition)).toEqual([undefined, 5, undefined]);
  });
  test("a list comes in pages, and starts again when they expired", async () => {
    let expired = false;
    const { client, api, settled } = scriptedCluster(({ request }) => {
      if (request.continue === undefined) {
        return answer(3, {
          type: "list",
          kind: "Pod",
          items: [storedPod("a")],
          continue: "next",
          remaining: 1,
        });
      }
      if (!expired) {
        expired = true;
        return refuse("Expired", "the pages are gone");
      }
      return answer(3, { type: "list", kind: "Pod", items: [storedPod("b")] });
    });
    const pods = await settled(client.list("Pod", { labelSelector: "a=b", allNamespaces: true }));
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
    expect(api.of("list")).toHaveLength(4);
    expect(api.asked[0]).toMatchObject({
      target: { allNamespaces: true },
      request: { labelSelector: "a=b" },
    });
  });
  test("an answer of another kind is an error and not a wrong type", async () => {
    const { client, settled } = scriptedCluster(() => found(1));
    await expect(settled(client.get("Node", "n1"))).rejects.toMatchObject({ code: "Internal" });
  });
});

test("scale with --current-replicas looks first, and guards what it saw", async () => {
  const rc = {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: "web", namespace: "default", uid: "u", resourceVersion: "5" },
    spec: { replicas: 3 },
  };
  const { client, api, settled } = scriptedCluster(() =>
    answer(5, { type: "object", object: rc, outcome: "configured" }),
  );
  await settled(client.scale("ReplicationController", "web", 5, { currentReplicas: 3 }));
  expect(api.of("patch")[0]).toMatchObject({
    target: { subresource: "scale", name: "web" },
    request: { patch: { spec: { replicas: 5 } }, preconditions: { resourceVersion: "5" } },
  });
  await expect(
    settled(client.scale("ReplicationController", "web", 5, { currentReplicas: 4 })),
  ).rejects.toThrow("expected web to have 4 replicas, found 3");
});
