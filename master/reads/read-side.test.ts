import { beforeEach, describe, expect, it } from "vitest";
import { type ApiReply, parseApiSubject, type Position } from "../../protocol/mod.ts";
import { gist, Harness, namesOf } from "./testkit/harness.ts";
import { createdPod, deleted, podRef, registeredNode } from "./testkit/written-log.ts";

let harness: Harness;
beforeEach(async () => {
  harness = new Harness();
  await harness.create();
});

const inDefault = { namespace: "default" };

describe("get and list", () => {
  it("shows what the log has accepted, sorted, with the position", async () => {
    await harness.readSide();
    await harness.commit(createdPod("b"), createdPod("a"));
    const reply = await harness.ask(inDefault);
    expect(namesOf(reply)).toEqual(["a", "b"]);
    expect(reply).toMatchObject({ ok: true, kind: "Pod", position: 5 });
    const one = await harness.ask({ verb: "get", namespace: "default", name: "a" });
    expect(one).toMatchObject({ type: "object", object: { metadata: { name: "a", resourceVersion: "5" } } });
  });

  it("shows nothing of commits outside of the chain, and counts them", async () => {
    const reads = await harness.readSide();
    await harness.run(harness.writer.commitOutsideOfTheChain([createdPod("ghost")]));
    await harness.commit(createdPod("a"));
    expect(namesOf(await harness.ask(inDefault))).toEqual(["a"]);
    expect(reads.fold.chain.skipped).toBe(1);
  });

  it("sees a write that was accepted before the question", async () => {
    await harness.readSide();
    // The read side hears of nothing for a while: only the leader knows.
    harness.hub.faults.latencyMs = (client, direction) =>
      client === "m1" && direction === "to-client" ? 300 : 0;
    await harness.run(harness.writer.commit([createdPod("a")]));
    expect(namesOf(await harness.ask(inDefault))).toEqual(["a"]);
  });

  it("waits for minPosition, and says Expired when the log never had it", async () => {
    await harness.readSide();
    expect(gist(await harness.ask(inDefault, { minPosition: 99 as Position }))).toBe("Expired");
    const asked = harness.send(inDefault, { minPosition: 4 as Position });
    await harness.commit(createdPod("a"));
    expect(namesOf(await harness.run(asked))).toEqual(["a"]);
  });

  it.each<[string, object, string]>([
    ["by label", { labelSelector: "app=web" }, "a,c"],
    ["by label set", { labelSelector: "app notin (web)" }, "b"],
    ["by field", { fieldSelector: "metadata.name!=a" }, "b,c"],
    ["by both", { labelSelector: "app=web", fieldSelector: "metadata.name!=a" }, "c"],
  ])("selects %s", async (_title, request, expected) => {
    await harness.readSide();
    await harness.commit(
      createdPod("a", { app: "web" }),
      createdPod("b", { app: "db" }),
      createdPod("c", { app: "web" }),
    );
    expect(namesOf(await harness.ask(inDefault, request)).join()).toBe(expected);
  });

  it.each<[string, object, object, string]>([
    ["an unknown resource", { resource: "ducks" }, {}, "NotFound"],
    ["a singular", { resource: "pod" }, {}, "NotFound"],
    ["another group", { group: "apps" }, {}, "NotFound"],
    ["an absent object", { verb: "get", name: "nobody" }, {}, "NotFound"],
    ["a get without a name", { verb: "get" }, {}, "BadRequest"],
    ["a broken selector", {}, { labelSelector: "a in" }, "Invalid"],
    ["an unknown field", {}, { fieldSelector: "spec.colour=red" }, "Invalid"],
    ["a negative limit", {}, { limit: -1 }, "BadRequest"],
    ["a text where a position belongs", {}, { minPosition: "soon" }, "BadRequest"],
    ["an unknown subresource", { verb: "get", name: "a", subresource: "colour" }, {}, "MethodNotSupported"],
    ["a made-up continue", {}, { continue: "x.1" }, "Expired"],
  ])("refuses %s", async (_title, target, request, code) => {
    await harness.readSide();
    expect(gist(await harness.ask({ ...inDefault, ...target }, request))).toBe(code);
  });

  it("leaves mutations and streams to the turn's side", async () => {
    await harness.readSide();
    const changed = harness.ask({ ...inDefault, verb: "delete", name: "a" });
    await expect(changed).rejects.toMatchObject({ code: "NoResponders" });
    const opened = harness.ask({ ...inDefault, verb: "get", name: "a", subresource: "log" });
    await expect(opened).rejects.toMatchObject({ code: "Timeout" });
  });

  it("answers JSON to an empty body", async () => {
    await harness.readSide();
    const data = await harness.askRaw(inDefault, new Uint8Array());
    expect(JSON.parse(new TextDecoder().decode(data))).toMatchObject({ ok: true, type: "list", items: [] });
  });
});

describe("pages", () => {
  const next = (reply: ApiReply): string => (reply.ok && reply.type === "list" ? (reply.continue ?? "") : "");

  it("stand at the position of the first, for a minute", async () => {
    await harness.readSide();
    await harness.commit(...["a", "b", "c"].map((name) => createdPod(name)));
    const first = await harness.ask(inDefault, { limit: 2 });
    expect(first).toMatchObject({ remaining: 1 });
    await harness.commit(deleted(podRef("c")));
    const second = await harness.ask(inDefault, { limit: 2, continue: next(first) });
    expect(namesOf(second)).toEqual(["c"]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject({ ok: true, position: first.ok && first.position });
    expect(next(second)).toBe("");
    await harness.world.advance(61_000);
    expect(gist(await harness.ask(inDefault, { limit: 2, continue: next(first) }))).toBe("Expired");
  });

  it("come from the master that began the list, also where any may answer", async () => {
    await harness.readSide("m1");
    await harness.readSide("m2");
    await harness.commit(createdPod("a"), createdPod("b"));
    for (let round = 0; round < 5; round++) {
      const first = await harness.ask(inDefault, { limit: 1, stale: true });
      const second = await harness.ask(inDefault, { limit: 1, stale: true, continue: next(first) });
      expect(namesOf(second)).toEqual(["b"]);
    }
  });

  it("belong to who asked for them", async () => {
    await harness.readSide();
    await harness.commit(createdPod("a"), createdPod("b"));
    const first = await harness.ask(inDefault, { limit: 1 });
    const stolen = await harness.ask({ ...inDefault, user: "eve" }, { limit: 1, continue: next(first) });
    expect(gist(stolen)).toBe("Expired");
  });

  it("end before a reply grows too large", async () => {
    await harness.readSide();
    const long = "x".repeat(200_000);
    const pods = Array.from({ length: 20 }, (_, index) => {
      const pod = createdPod(`p${index}`);
      if (pod.type !== "ObjectCreated") throw new Error("not a pod");
      const metadata = { ...pod.value.metadata, annotations: { long } };
      return { ...pod, value: { ...pod.value, metadata } };
    });
    for (const pod of pods) await harness.commit(pod);
    const names: unknown[] = [];
    let token = "";
    do {
      const reply = await harness.ask(inDefault, token ? { continue: token } : {});
      names.push(...namesOf(reply));
      token = next(reply);
    } while (token);
    expect(new Set(names).size).toBe(20);
  });
});

describe("who answers", () => {
  it("is the leader alone, unless stale is asked for", async () => {
    await harness.readSide("m1");
    await harness.readSide("m2");
    await harness.commit(createdPod("a"));
    const inbox = harness.client.inbox();
    let answers = 0;
    harness.client.subscribe(inbox, () => void answers++);
    const subject = "berth.api.ann.list.core.pods.default._._";
    expect(parseApiSubject("berth", subject).ok).toBe(true);
    harness.client.publish(subject, new Uint8Array(), { reply: inbox });
    await harness.world.advance(100);
    expect(answers).toBe(1);
    harness.client.publish(subject, new TextEncoder().encode('{"stale":true}'), { reply: inbox });
    await harness.world.advance(100);
    expect(answers).toBe(3);
  });

  it("is the next leader, for what came while there was none", async () => {
    await harness.readSide("m2");
    const asked = harness.ask(inDefault);
    await harness.world.advance(500);
    await harness.run(harness.writer.elect("m2"));
    expect(gist(await asked)).toBe("list");
  });
});

describe("status", () => {
  it("tells masters, nodes and the log, with what the leader knows of the moment", async () => {
    await harness.readSide("m1");
    await harness.readSide("m2");
    await harness.commit(registeredNode("n1"));
    const live = {
      version: 1,
      kind: "leader",
      nodes: [{ name: "n1", lastSeenMs: 7, inSync: true }],
      notices: ["hm"],
    };
    harness.leader.subscribe("berth.master.status", (message) =>
      message.respond(new TextEncoder().encode(JSON.stringify(live))),
    );
    const reply = await harness.ask({ verb: "get", group: "berth", resource: "status" });
    expect(reply).toMatchObject({
      type: "status",
      status: {
        leader: "m1",
        masters: [
          { id: "m1", leader: true, position: 4 },
          { id: "m2", leader: false, position: 4 },
        ],
        nodes: [{ name: "n1", state: "Ready", lastSeenMs: 7, inSync: true, pods: 0 }],
        log: { stream: "BERTH_LOG", events: 4, skippedCommits: 0 },
        notices: ["hm"],
      },
    });
  });

  it("is told by whoever is there when no leader is", async () => {
    await harness.readSide("m2");
    const reply = await harness.ask({ verb: "get", group: "berth", resource: "status" });
    expect(reply).toMatchObject({
      type: "status",
      status: { leader: "m1", masters: [{ id: "m2", leader: false }] },
    });
  });
});

describe("live events", () => {
  it("are published as JSON by the leader's read side, from now on", async () => {
    await harness.commit(createdPod("old"));
    const heard: string[] = [];
    harness.client.subscribe("berth.events.>", ({ subject, data }) => {
      const event: unknown = JSON.parse(new TextDecoder().decode(data));
      if (typeof event === "object" && event !== null)
        heard.push(`${subject} ${Reflect.get(event, "position")}`);
    });
    await harness.readSide("m1");
    await harness.readSide("m2");
    await harness.commit(createdPod("a.b"));
    await harness.run(harness.writer.elect("m2"));
    await harness.world.settle();
    expect(heard).toEqual([
      "berth.events.default.Pod.a%2Eb.ObjectCreated 5",
      "berth.events._.Cluster.cluster.LeaderElected 6",
    ]);
  });
});
