import { describe, expect, test } from "vitest";
import type { ApiObject, Position } from "../protocol/mod.ts";
import { watchQueueLimit, type WatchEvent } from "./watch.ts";
import {
  answer,
  type OpenWatch,
  refuse,
  type Script,
  type ScriptedApi,
  storedPod,
} from "./testkit/scripted-api.ts";
import { scriptedCluster } from "./testkit/scripted-cluster.ts";

const at = (position: number): Position => position as Position;
const pod = (name: string, version: number): ApiObject => storedPod(name, {}, String(version));

/** A cluster whose lists are `lists` in turn, and whose watches the test feeds. */
function watched(lists: readonly (readonly ApiObject[])[]) {
  let listed = 0;
  const holder: { api?: ScriptedApi } = {};
  const script: Script = (asked) => {
    if (asked.target.verb === "watch") return holder.api?.watch(asked) ?? "silence";
    const items = lists[Math.min(listed++, lists.length - 1)] ?? [];
    return answer(10 * listed, { type: "list", kind: "Pod", items });
  };
  const cluster = scriptedCluster(script);
  holder.api = cluster.api;
  return cluster;
}

/** Reads a watch into an array, in the background. */
function collect(events: AsyncGenerator<WatchEvent>) {
  const seen: string[] = [];
  const state: { error?: unknown; ended: boolean } = { ended: false };
  const run = async (): Promise<void> => {
    for await (const event of events) {
      seen.push(
        event.type === "BOOKMARK"
          ? `BOOKMARK ${event.position}`
          : `${event.type} ${event.object.metadata.name}`,
      );
    }
  };
  run().then(
    () => {
      state.ended = true;
    },
    (error: unknown) => {
      state.error = error;
      state.ended = true;
    },
  );
  return { seen, state };
}

test("what is there comes first, then what changes, and an abort ends it quietly", async () => {
  const { client, api, world } = watched([[pod("a", 1)]]);
  const abort = new AbortController();
  const { seen, state } = collect(client.watch("Pod", { signal: abort.signal, bookmarks: true }));
  await world.settle();
  expect(seen).toEqual(["ADDED a", "BOOKMARK 10"]);
  expect(api.watches[0]?.request).toMatchObject({ resourceVersion: "10" });
  api.watches[0]?.send({ type: "MODIFIED", object: pod("a", 11), position: at(11) });
  api.watches[0]?.send({ type: "DELETED", object: pod("a", 12), position: at(12) });
  await world.settle();
  expect(seen.slice(2)).toEqual(["MODIFIED a", "DELETED a"]);
  abort.abort();
  await world.settle();
  expect([state.ended, state.error, api.watches[0]?.ended]).toEqual([true, undefined, true]);
});

describe("resumes from the last position, telling nothing twice", () => {
  test("after a gap in the numbers", async () => {
    const { client, api, world } = watched([[]]);
    const { seen } = collect(client.watch("Pod"));
    await world.settle();
    const [first] = api.watches;
    first?.send({ type: "ADDED", object: pod("a", 11), position: at(11) });
    if (first) first.next++;
    first?.send({ type: "ADDED", object: pod("c", 13), position: at(13) });
    await world.settle();
    expect(api.watches[1]?.request.resourceVersion).toBe("11");
    api.watches[1]?.send({ type: "ADDED", object: pod("b", 12), position: at(12) });
    api.watches[1]?.send({ type: "ADDED", object: pod("c", 13), position: at(13) });
    await world.settle();
    expect(seen).toEqual(["ADDED a", "ADDED b", "ADDED c"]);
  });
  test("after bookmarks stayed away", async () => {
    const { client, api, world } = watched([[]]);
    collect(client.watch("Pod"));
    await world.settle();
    api.watches[0]?.send({ type: "BOOKMARK", position: at(40) });
    await world.advance(3900);
    expect(api.watches).toHaveLength(1);
    await world.advance(200);
    expect(api.watches[1]?.request.resourceVersion).toBe("40");
  });
  test("after the connection was away, and while no master answers", async () => {
    const { client, api, world, connection } = watched([[]]);
    const { seen, state } = collect(client.watch("Pod"));
    await world.settle();
    connection.drop();
    await world.advance(60_000);
    connection.restore();
    await world.advance(5000);
    api.watches.at(-1)?.send({ type: "ADDED", object: pod("a", 11), position: at(11) });
    await world.settle();
    expect([seen, state.error]).toEqual([["ADDED a"], undefined]);
  });
  test("when the master says that it stops", async () => {
    const { client, api, world } = watched([[]]);
    collect(client.watch("Pod"));
    await world.settle();
    api.watches[0]?.send({
      type: "ERROR",
      error: { code: "Unavailable", message: "stopping" },
      position: at(15),
    });
    await world.settle();
    expect(api.watches).toHaveLength(2);
  });
  test("when its reader was too slow for the queue", async () => {
    const { client, api, world } = watched([[]]);
    const events = client.watch("Pod");
    const first = events.next();
    await world.settle();
    const total = watchQueueLimit + 10;
    const send = (watch: OpenWatch | undefined, index: number): void =>
      watch?.send({ type: "ADDED", object: pod(`p${index}`, 11 + index), position: at(11 + index) });
    for (let index = 0; index < total; index++) send(api.watches[0], index);
    await world.settle();
    const told = [await first];
    while (api.watches.length === 1) {
      const next = events.next();
      await world.settle();
      if (api.watches.length > 1) {
        const resumed = api.watches[1];
        for (let index = Number(resumed?.request.resourceVersion) - 10; index < total; index++)
          send(resumed, index);
        await world.settle();
      }
      told.push(await next);
    }
    while (told.length < total) told.push(await events.next());
    const names = told.map(({ value }) => (value?.type === "ADDED" ? value.object.metadata.name : ""));
    expect(names).toEqual(Array.from({ length: total }, (_, index) => `p${index}`));
  });
});

describe("when its position has expired", () => {
  test("it lists anew and tells what differs", async () => {
    const { client, api, world } = watched([
      [pod("a", 1), pod("b", 1), pod("c", 1)],
      [pod("b", 1), pod("c", 7), pod("d", 8)],
    ]);
    const { seen } = collect(client.watch("Pod"));
    await world.settle();
    api.watches[0]?.send({ type: "ERROR", error: { code: "Expired", message: "trimmed" }, position: at(11) });
    await world.settle();
    expect(seen).toEqual(["ADDED a", "ADDED b", "ADDED c", "MODIFIED c", "ADDED d", "DELETED a"]);
    expect(api.watches[1]?.request.resourceVersion).toBe("20");
  });
  test("a reader that began at a position of its own is told", async () => {
    const { client, world } = scriptedCluster(() => refuse("Expired", "trimmed"));
    const { state } = collect(client.watch("Pod", { resourceVersion: "3" }));
    await world.settle();
    expect(state.error).toMatchObject({ code: "Expired" });
  });
});

test("a refusal that no try will change ends the watch", async () => {
  const { client, world } = scriptedCluster(() => refuse("Forbidden", "not for you"));
  const { state } = collect(client.watch("Pod"));
  await world.settle();
  expect(state.error).toMatchObject({ code: "Forbidden" });
});

describe("waitFor", () => {
  test("resolves when the object is as awaited", async () => {
    const { client, api, world, settled } = watched([[pod("a", 1)]]);
    const waiting = client.waitFor("Pod", "a", (found) => found?.status?.phase === "Succeeded");
    await world.settle();
    expect(api.watches[0]?.request.fieldSelector).toBe("metadata.name=a");
    api.watches[0]?.send({
      type: "MODIFIED",
      object: storedPod("a", { status: { phase: "Succeeded" } }),
      position: at(11),
    });
    await expect(settled(waiting)).resolves.toMatchObject({ metadata: { name: "a" } });
  });
  test("knows absence only once the list is complete, and says after the deadline what it found", async () => {
    const { client, settled } = watched([[]]);
    await expect(
      settled(client.waitFor("Pod", "a", (found) => found === undefined)),
    ).resolves.toBeUndefined();
    await expect(
      settled(client.waitFor("Pod", "a", (found) => found !== undefined, { timeoutMs: 5000 })),
    ).rejects.toThrow('waited 5s for Pod "a", and it does not exist');
  });
  test("waitGone names what is still there, and takes a namesake for gone", async () => {
    const { client, settled } = watched([[pod("a", 1), storedPod("b", { metadata: { uid: "another" } })]]);
    const objects = [pod("a", 1), pod("b", 1)];
    await expect(settled(client.waitGone(objects, { timeoutMs: 3000 }))).rejects.toThrow(
      "not gone yet: Pod a",
    );
  });
});
