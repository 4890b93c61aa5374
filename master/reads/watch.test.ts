import { beforeEach, describe, expect, it } from "vitest";
import { encode, watchAliveMs } from "../../protocol/mod.ts";
import { gist, Harness } from "./testkit/harness.ts";
import { maxBacklog } from "./watch-session.ts";
import { createdPod, deleted, podRef, relabelledPod } from "./testkit/written-log.ts";

let harness: Harness;
beforeEach(async () => {
  harness = new Harness();
  await harness.create();
});

const inDefault = { namespace: "default" };

describe("a watch", () => {
  it("begins with what is there, then tells changes, numbered without gaps", async () => {
    await harness.readSide();
    await harness.commit(createdPod("a"));
    const { told, all } = await harness.watch(inDefault);
    await harness.commit(createdPod("b"));
    await harness.commit(relabelledPod("b", { x: "y" }));
    await harness.commit(deleted(podRef("a")));
    await harness.world.settle();
    expect(told).toEqual(["ADDED a", "ADDED b", "MODIFIED b", "DELETED a"]);
    expect(all.map(({ number }) => number)).toEqual(all.map((_, index) => index + 1));
    expect(all.at(-1)).toMatchObject({ position: 7, object: { metadata: { resourceVersion: "7" } } });
  });

  it("tells what is there before what changes, also when that comes before the client is answered", async () => {
    await harness.readSide();
    await harness.commit(createdPod("a"));
    const opening = harness.watch(inDefault);
    const written = harness.writer.commit([createdPod("b")]);
    const { told } = await opening;
    await harness.run(written);
    await harness.world.settle();
    expect([...told].sort()).toEqual(["ADDED a", "ADDED b"]);
    expect(told[0]).toBe("ADDED a");
  });

  it("ends, to be resumed, when the server takes nothing for too long", async () => {
    await harness.readSide();
    const { told } = await harness.watch(inDefault);
    harness.hub.faults.latencyMs = (client, direction) =>
      client === "m1" && direction === "to-server" ? 500 : 0;
    const pods = Array.from({ length: maxBacklog + 3000 }, (_, index) => createdPod(`p${index}`));
    for (let from = 0; from < pods.length; from += 4000)
      await harness.commit(...pods.slice(from, from + 4000));
    await harness.world.advance(2000);
    expect(told.at(-1)).toBe("ERROR TooManyRequests");
    expect(told.length).toBeLessThan(maxBacklog);
  });

  it("tells objects that enter and leave its selection", async () => {
    await harness.readSide();
    await harness.commit(createdPod("a"));
    const { told } = await harness.watch(inDefault, { labelSelector: "app=web" });
    await harness.commit(relabelledPod("a", { app: "web" }));
    await harness.commit(relabelledPod("a", { app: "web", x: "y" }));
    await harness.commit(relabelledPod("a", { app: "db" }));
    await harness.commit(relabelledPod("a", { app: "db", x: "y" }));
    await harness.world.settle();
    expect(told).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
  });

  it("tells the events of one commit about one object once", async () => {
    await harness.readSide();
    const { told } = await harness.watch(inDefault);
    await harness.commit(
      createdPod("a"),
      relabelledPod("a", { x: "y" }),
      createdPod("b"),
      deleted(podRef("b")),
    );
    await harness.world.settle();
    expect(told).toEqual(["ADDED a"]);
  });

  it("tells an object that was deleted and made anew in one commit as both", async () => {
    await harness.readSide();
    await harness.commit(createdPod("a"));
    const { told } = await harness.watch(inDefault, { resourceVersion: "4" });
    await harness.commit(deleted(podRef("a")), createdPod("a", {}, "other-uid"));
    await harness.world.settle();
    expect(told).toEqual(["DELETED a", "ADDED a"]);
  });

  it("keeps to its namespace", async () => {
    await harness.readSide();
    const { told } = await harness.watch({ namespace: "other" });
    const everywhere = await harness.watch({ allNamespaces: true });
    await harness.commit(createdPod("a"));
    await harness.world.settle();
    expect(told).toEqual([]);
    expect(everywhere.told).toEqual(["ADDED a"]);
  });

  it("sends a bookmark each second, with the position", async () => {
    await harness.readSide();
    const { all } = await harness.watch(inDefault);
    await harness.world.advance(3000);
    const bookmarks = all.filter(({ type }) => type === "BOOKMARK");
    expect(bookmarks.length).toBeGreaterThanOrEqual(3);
    expect(bookmarks.at(-1)?.position).toBe(3);
  });

  it("ends when its client says nothing for long, and lives while it does", async () => {
    await harness.readSide();
    const silent = await harness.watch(inDefault);
    const lively = await harness.watch(inDefault);
    for (let round = 0; round < 4; round++) {
      await harness.world.advance(watchAliveMs / 3);
      harness.client.publish(`${lively.deliver}.alive`, encode({ version: 1 }));
    }
    await harness.commit(createdPod("a"));
    await harness.world.settle();
    expect([silent.told, lively.told]).toEqual([[], ["ADDED a"]]);
    harness.client.publish(`${lively.deliver}.alive`, encode({ version: 1, end: true }));
    await harness.world.settle();
    await harness.commit(createdPod("b"));
    await harness.world.settle();
    expect(lively.told).toEqual(["ADDED a"]);
  });

  it("is told when its master stops", async () => {
    const reads = await harness.readSide();
    const { told } = await harness.watch(inDefault);
    await harness.run(reads.stop());
    await harness.world.settle();
    expect(told).toEqual(["ERROR Unavailable"]);
  });

  it.each([undefined, "berth.api.x", "_INBOX.*", "_INBOX_berth_eve.1", "_INBOX.a b"])(
    "is not delivered on %s",
    async (deliver) => {
      await harness.readSide();
      const reply = await harness.ask(
        { verb: "watch", ...inDefault },
        deliver === undefined ? {} : { deliver },
      );
      expect(gist(reply)).toBe("BadRequest");
    },
  );

  it("is one of at most so many of a user", async () => {
    await harness.readSide();
    const gists = new Set<string>();
    for (let count = 0; count < 201; count++) gists.add(gist((await harness.watch(inDefault)).reply));
    expect([...gists]).toEqual(["watch", "TooManyRequests"]);
  });
});

describe("a resumed watch", () => {
  it("tells each object that changed since, once, as it is now", async () => {
    await harness.commit(createdPod("kept"), createdPod("changed"), createdPod("gone", { app: "web" }));
    await harness.commit(relabelledPod("changed", { x: "1" }), relabelledPod("changed", { x: "2" }));
    await harness.commit(
      deleted(podRef("gone")),
      createdPod("new"),
      createdPod("brief"),
      deleted(podRef("brief")),
    );
    await harness.readSide();
    const { told, all } = await harness.watch(inDefault, { resourceVersion: "6" });
    expect(told).toEqual(["MODIFIED changed", "DELETED gone", "ADDED new"]);
    const gone = all.find(({ type }) => type === "DELETED");
    expect(gone).toMatchObject({ object: { metadata: { labels: { app: "web" }, resourceVersion: "9" } } });
  });

  it("does not tell of objects that it never selected", async () => {
    await harness.commit(createdPod("mine", { app: "web" }), createdPod("other", { app: "db" }));
    await harness.commit(deleted(podRef("mine")), deleted(podRef("other")));
    await harness.readSide();
    const { told } = await harness.watch(inDefault, { resourceVersion: "5", labelSelector: "app=web" });
    expect(told).toEqual(["DELETED mine"]);
  });

  it("may be resumed from any message of a commit without loss", async () => {
    await harness.readSide();
    const { all } = await harness.watch(inDefault, { resourceVersion: "3" });
    await harness.commit(createdPod("a"), createdPod("b"), relabelledPod("a", { x: "y" }));
    await harness.world.settle();
    const [first] = all.filter(({ type }) => type === "ADDED");
    const { told } = await harness.watch(inDefault, { resourceVersion: String(first?.position) });
    expect(told).toEqual(["MODIFIED a"]);
  });

  it("may be resumed from any of them also when a name was given anew in it", async () => {
    await harness.commit(createdPod("a"), createdPod("b"));
    await harness.readSide();
    const { all, told: first } = await harness.watch(inDefault, { resourceVersion: "5" });
    const again = createdPod("a", {}, "other-uid");
    await harness.commit(deleted(podRef("a")), deleted(podRef("b")), again);
    await harness.world.settle();
    expect(first).toEqual(["DELETED a", "DELETED b", "ADDED a"]);
    const positions = all.filter(({ type }) => type !== "BOOKMARK").map(({ position }) => position);
    for (const [index, position] of positions.entries()) {
      const { told } = await harness.watch(inDefault, { resourceVersion: String(position) });
      expect(told).toEqual(["DELETED a", "DELETED b", "ADDED a"].slice(index + 1));
    }
  });

  it("is told Expired for a position that this log never had", async () => {
    await harness.readSide();
    expect(gist((await harness.watch(inDefault, { resourceVersion: "99" })).reply)).toBe("Expired");
  });
});
