import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Epoch, Position, Sequence, Uid, WhyNode } from "../../protocol/mod.ts";
import { AcceptedFold } from "../reads/accepted-fold.ts";
import { Harness } from "../reads/testkit/harness.ts";
import {
  boundPod,
  containerStatus,
  controlledPod,
  controller,
  createdController,
  createdPod,
  deleted,
  header,
  observedPod,
  podRef,
  recordedTemplate,
  ref,
  registeredNode,
} from "../reads/testkit/written-log.ts";
import { EventReader } from "./event-reader.ts";
import { HistoryIndex } from "./history-index.ts";
import { lastKnown } from "./last-known.ts";
import { type EventsQuery, listEvents } from "./list-events.ts";
import { why } from "./why.ts";

let harness: Harness;
let fold: AcceptedFold;
let reader: EventReader;
let index: HistoryIndex;

beforeEach(async () => {
  harness = new Harness();
  await harness.create();
  const { clock, logger } = harness.world;
  fold = new AcceptedFold({ log: harness.writer.log, clock, logger });
  index = fold.index;
  reader = new EventReader(harness.writer.log, index);
  await harness.run(fold.start());
});

const uid = (name: string): Uid => podRef(name).uid;

describe("the index", () => {
  it("finds the commit of a position, and the events of an object, newest first", async () => {
    await harness.commit(createdPod("a"), createdPod("b"));
    await harness.commit(boundPod(podRef("a"), "n1"));
    expect([4, 5, 6].map((position) => index.sequenceOf(position as Position))).toEqual([2, 2, 3]);
    expect(index.sequenceOf(7 as Position)).toBeUndefined();
    expect([...index.positionsOf(uid("a"))]).toEqual([6, 4]);
    expect(index.typeAt(6 as Position)).toBe("PodBound");
    expect(index.objectAt(5 as Position)?.ref.name).toBe("b");
  });

  it("keeps objects that are gone, and tells those of one name apart", async () => {
    await harness.commit(createdPod("a"), deleted(podRef("a")));
    await harness.commit(createdPod("a", {}, "second"));
    const named = index.named({ kind: "Pod", namespace: "default", name: "a" });
    expect(named).toMatchObject([
      { ref: { uid: "second" }, first: 6, last: 6 },
      { ref: { uid: uid("a") }, first: 4, last: 5, deleted: 5 },
    ]);
  });

  it("grows with the log", async () => {
    for (let commit = 0; commit < 30; commit++) {
      await harness.commit(...Array.from({ length: 100 }, (_, one) => createdPod(`p-${commit}-${one}`)));
    }
    expect(index.last).toBe(3003);
    for (const position of [4, 103, 104, 2000, 3003] as Position[]) {
      const event = await harness.run(reader.get(position));
      expect(event?.position).toBe(position);
      const offset = position - 4;
      expect(event).toMatchObject({ object: { name: `p-${Math.floor(offset / 100)}-${offset % 100}` } });
    }
  });
});

describe("an index of any log", () => {
  const name = fc.constantFrom("a", "b", "c");
  const log = fc.array(fc.array(name, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

  it("agrees with looking through all of it", () => {
    fc.assert(
      fc.property(log, fc.nat(3), (commits, gap) => {
        const built = new HistoryIndex();
        const positions = new Map<string, number[]>();
        const sequences: number[] = [];
        let next = 1 + gap;
        for (const [number, names] of commits.entries()) {
          const sequence = (number + 1) * (gap + 1);
          const events = names.map((pod) => boundPod(podRef(pod), "n1"));
          built.add(
            {
              version: 1,
              epoch: 1 as Epoch,
              previous: 0 as Sequence,
              firstPosition: next as Position,
              events,
            },
            sequence as Sequence,
          );
          for (const pod of names) {
            positions.set(pod, [next, ...(positions.get(pod) ?? [])]);
            sequences[next] = sequence;
            next++;
          }
        }
        for (const pod of ["a", "b", "c"]) {
          expect([...built.positionsOf(uid(pod))]).toEqual(positions.get(pod) ?? []);
        }
        for (let position = 0; position <= next; position++) {
          expect(built.sequenceOf(position as Position)).toBe(sequences[position]);
        }
      }),
    );
  });
});

describe("events", () => {
  const list = async (query: EventsQuery): Promise<string> => {
    const listed = await harness.run(listEvents(index, reader, query));
    if (!listed.ok) return listed.error.code;
    const rest = listed.value.continue === undefined ? "" : ` +${listed.value.continue}`;
    return listed.value.events.map(({ position }) => position).join() + rest;
  };
  beforeEach(async () => {
    // 4 node, 5 a, 6 b, 7 a bound, 8 bookkeeping, 9 a gone
    await harness.commit(registeredNode("n1"), createdPod("a"), createdPod("b"));
    await harness.commit(boundPod(podRef("a"), "n1"), {
      ...header(),
      type: "ReportsReceived",
      object: ref("Node", "n1"),
      session: 4 as never,
      number: 1,
    });
    await harness.commit(deleted(podRef("a")));
  });

  it.each<[string, EventsQuery, string]>([
    ["all", {}, "1,2,3,4,5,6,7,9"],
    ["newest first", { newestFirst: true }, "9,7,6,5,4,3,2,1"],
    ["a namespace", { namespace: "default" }, "5,6,7,9"],
    ["a kind", { kind: "Pod", namespace: "default" }, "5,6,7,9"],
    ["a kind without namespaces", { kind: "Node", namespace: "default" }, "4"],
    ["an object", { kind: "Pod", namespace: "default", name: "a" }, "5,7,9"],
    ["an object, newest first", { kind: "Pod", namespace: "default", name: "a", newestFirst: true }, "9,7,5"],
    ["an object of any namespace", { kind: "Pod", name: "b" }, "6"],
    ["since", { since: 6 as Position }, "7,9"],
    ["since, newest first", { since: 6 as Position, newestFirst: true }, "9,7"],
    ["a page", { limit: 2 }, "1,2 +2"],
    ["the next page", { limit: 2, continue: "2" }, "3,4 +4"],
    ["a page, newest first", { limit: 2, newestFirst: true }, "9,7 +7"],
    ["the next page, newest first", { limit: 2, newestFirst: true, continue: "7" }, "6,5 +5"],
    ["a page of few bytes", { pageBytes: 1 }, "1 +1"],
    ["a broken page", { continue: "x" }, "BadRequest"],
    ["of the future", { since: 99 as Position }, ""],
  ])("%s", async (_title, query, expected) => {
    expect(await list(query)).toBe(expected);
  });
});

/** The story as lines: depth, event type and position, or the text where there is no event. */
function outline(node: WhyNode, depth = 0): readonly string[] {
  const line = node.event ? `${node.event.type} ${node.event.position}` : node.text;
  return [`${"  ".repeat(depth)}${line}`, ...node.children.flatMap((child) => outline(child, depth + 1))];
}

describe("why", () => {
  const story = async (kind: string, name: string, namespace: string | undefined = "default") => {
    const answer = await harness.run(
      why({ state: fold.state, index, reader }, { kind, name, ...(namespace && { namespace }) }),
    );
    return answer.ok ? outline(answer.value) : [answer.error.code];
  };
  const runningPod = async (): Promise<void> => {
    await harness.commit(registeredNode("n1"));
    await harness.commit(createdController(1, "cmd-1" as never), recordedTemplate());
    await harness.commit(
      controlledPod("web-1", 5 as Position),
      boundPod(podRef("web-1"), "n1", 7 as Position),
    );
  };

  it("follows a pod back to the command of a person", async () => {
    await runningPod();
    expect(await story("Pod", "web-1")).toEqual([
      "pod default/web-1 is Pending on n1",
      "  PodBound 8",
      "    PodCreated 7",
      "      ObjectCreated 5",
      "        user:admin asked for it with command cmd-1",
    ]);
  });

  it("says each step in a sentence, with who did it", async () => {
    await runningPod();
    const answer = await harness.run(
      why({ state: fold.state, index, reader }, { kind: "Pod", namespace: "default", name: "web-1" }),
    );
    expect(answer.ok && answer.value.children[0]?.text).toBe("pod default/web-1 bound to n1 (scheduler)");
  });

  it("tells how a container ended", async () => {
    await runningPod();
    await harness.commit(
      observedPod(podRef("web-1"), "n1", {
        phase: "Running",
        containerStatuses: [
          containerStatus({
            restartCount: 2,
            state: { waiting: { reason: "CrashLoopBackOff" } },
            lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
          }),
        ],
      }),
    );
    const [first, second] = await story("Pod", "web-1");
    expect(first).toBe(
      "pod default/web-1 is Running on n1, not ready; container app ended with code 137 (OOMKilled), starts again after a while (CrashLoopBackOff), 2 restarts",
    );
    expect(second).toBe("  PodStatusObserved 9");
  });

  it("names the silent node of a pod", async () => {
    await runningPod();
    await harness.commit({
      ...header("master:m1"),
      type: "NodeLost",
      object: ref("Node", "n1"),
      silentMs: 10_000,
    });
    const lines = await story("Pod", "web-1");
    expect(lines[0]).toBe("pod default/web-1 is Pending on n1; node n1 is Lost");
    expect(lines.slice(1, 3).map((line) => line.trim())).toEqual([
      expect.stringContaining("node n1 is Lost"),
      "NodeLost 9",
    ]);
  });

  it("says why a pod waits", async () => {
    const message = "0/1 nodes are available: 1 Insufficient cpu.";
    await harness.commit(createdPod("a"), {
      ...header("scheduler"),
      type: "PodUnschedulable",
      object: podRef("a"),
      refusal: { nodes: 1, refused: { "Insufficient cpu": 1 }, message },
    });
    expect((await story("Pod", "a"))[0]).toBe(`pod default/a waits for a node: ${message}`);
  });

  it("tells a controller's story, with what holds it up", async () => {
    await runningPod();
    expect(await story("ReplicationController", "web")).toEqual([
      "replicationcontroller default/web has 0 of 1 replica ready",
      "  pod default/web-1 is Pending on n1",
      "    PodBound 8",
      "      PodCreated 7",
      "        ObjectCreated 5",
      "          user:admin asked for it with command cmd-1",
    ]);
  });

  it("works for objects that are gone", async () => {
    await runningPod();
    await harness.commit({
      ...header("user:admin", "cmd-2" as never),
      type: "DeletionRequested",
      object: podRef("web-1"),
      propagation: "Background",
      reason: "asked for",
    });
    await harness.commit({
      ...header("node:n1", 9 as Position),
      type: "ObjectDeleted",
      object: podRef("web-1"),
      reason: "stopped",
    });
    expect(await story("Pod", "web-1")).toEqual([
      "pod default/web-1 is gone",
      "  ObjectDeleted 10",
      "    DeletionRequested 9",
      "      user:admin asked for it with command cmd-2",
      "  PodBound 8",
      "    PodCreated 7",
      "      ObjectCreated 5",
      "        user:admin asked for it with command cmd-1",
    ]);
  });

  it("tells of nodes, and of nothing that never was", async () => {
    await runningPod();
    expect(await story("Node", "n1", "")).toEqual(["node n1 is Ready", "  NodeRegistered 4"]);
    expect(await story("Pod", "nobody")).toEqual(["NotFound"]);
  });
});

describe("the last form of what is gone", () => {
  it("has the labels that a controlled pod took from its template", async () => {
    await harness.commit(createdController(1), recordedTemplate());
    await harness.commit(
      controlledPod("web-1", 4 as Position),
      deleted(podRef("web-1")),
      deleted(controller),
    );
    const [entry] = index.named({ kind: "Pod", namespace: "default", name: "web-1" });
    if (!entry) throw new Error("the pod is not in the index");
    const object = await harness.run(lastKnown(index, reader, entry));
    expect(object).toMatchObject({
      kind: "Pod",
      metadata: { name: "web-1", labels: { app: "web" }, resourceVersion: "7" },
      spec: { containers: [{ name: "app" }] },
    });
  });
});
