import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import { describeEvent, eventReason, eventSeverity } from "./describe-event.ts";
import { unwrap } from "./errors.ts";
import { eventTypes, eventVersions, levelOf, upcast, verifyCommit, verifyEvent } from "./event-versions.ts";

const folder = new URL("./golden/", import.meta.url);
const golden = readdirSync(folder).map((file) => ({
  file,
  event: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Record<string, unknown>,
}));
const sample = (type: string): Record<string, unknown> =>
  golden.find((each) => each.event["type"] === type)?.event ?? {};

describe("golden samples", () => {
  test("every version of every event type has one", () => {
    const wanted = eventTypes.flatMap((type) =>
      Array.from({ length: eventVersions[type] }, (_, index) => `${type}@${index + 1}.json`),
    );
    expect(golden.map((each) => each.file).toSorted()).toEqual(wanted.toSorted());
  });
  test.each(golden)("$file is still read, field by field", ({ event }) => {
    const verified = unwrap(verifyEvent(unwrap(decode(encode(event)))));
    expect(verified.version).toBe(eventVersions[verified.type]);
    if (event["version"] === verified.version) expect(verified).toEqual(event);
    expect(unwrap(upcast(event)).type).toBe(event["type"]);
  });
  test.each(golden)("$file with a field taken away or of another type is refused", ({ event }) => {
    for (const field of Object.keys(event)) {
      if (field === "cause" || field === "version") continue;
      const wrong = verifyEvent({ ...event, [field]: { not: "this" } });
      // Fields that may hold any object stay right whatever the object holds.
      if (!["status", "value"].includes(field)) expect({ field, ok: wrong.ok }).toEqual({ field, ok: false });
    }
  });
});

describe("versions", () => {
  test("an unknown type, and a version of the future, are UnsupportedVersion", () => {
    for (const event of [
      { ...sample("PodBound"), version: 2 },
      { ...sample("PodBound"), type: "PodTeleported" },
      { ...sample("PodBound"), type: "constructor" },
    ]) {
      const result = upcast(event);
      expect(!result.ok && result.error.code).toBe("UnsupportedVersion");
    }
  });
  test.each([null, 1, "x", [], {}, { type: "PodBound" }, { type: 1, version: 1 }])(
    "%j is no event",
    (value) => {
      expect(upcast(value).ok).toBe(false);
      expect(verifyEvent(value).ok).toBe(false);
    },
  );
  test("version 0 can't be brought to the present", () => {
    expect(upcast({ ...sample("PodBound"), version: 0 }).ok).toBe(false);
  });
  test("everything may be written at the first level", () => {
    expect(eventTypes.map((type) => levelOf(type))).toEqual(eventTypes.map(() => 1));
  });
  test("a commit is verified with its events, and a wrong one is named", () => {
    const commit = { version: 1, epoch: 2, previous: 7, firstPosition: 40, events: [sample("PodBound")] };
    expect(unwrap(verifyCommit(commit)).events[0]).toEqual(sample("PodBound"));
    const wrong = verifyCommit({
      ...commit,
      events: [sample("PodBound"), { ...sample("PodBound"), node: "N 2" }],
    });
    expect(!wrong.ok && wrong.error.message).toContain("events[1]: the event PodBound is not valid: node: ");
    expect(verifyCommit({ ...commit, events: [] }).ok).toBe(false);
    expect(verifyCommit({ ...commit, epoch: -1 }).ok).toBe(false);
  });
});

describe("in words", () => {
  const words = (type: string, change: object = {}): string =>
    describeEvent(unwrap(verifyEvent({ ...sample(type), ...change })));
  test.each([
    [
      "PodBound",
      "bound to n2: best of 3 nodes (least allocated 62, spread 100); not fit: 1 node is cordoned",
    ],
    [
      "PodUnschedulable",
      "waits for a node: 0/3 nodes are available: 2 Insufficient cpu, 1 node is cordoned.",
    ],
    ["PodStatusObserved", "is running and ready, 1 restart on n2"],
    ["NodeLost", "silent for 10 s: lost, its pods are replaced"],
    ["ObjectUpdated", "scaled: spec.replicas"],
    ["EndpointsChanged", "endpoints: 1 ready (10.244.2.7), 0 not ready"],
    ["PodCreated", "created for ReplicationController web: 1 of 3 replicas is missing"],
    ["DeletionRequested", "asked to end within 30 s: scaled down from 3 to 2"],
    ["StatusUpdated", "status is now replicas 3, readyReplicas 2, observedGeneration 1"],
  ])("%s: %s", (type, sentence) => {
    expect(words(type)).toBe(sentence);
  });
  test.each(golden)("$file has a short sentence, a severity and a reason", ({ event }) => {
    const present = unwrap(verifyEvent(event));
    expect(describeEvent(present)).toMatch(/^[^\n]{3,240}$/);
    expect(eventReason(present)).toMatch(/^[A-Za-z]+$/);
    expect(["Normal", "Warning"]).toContain(eventSeverity(present));
  });
  test("a crashing container is trouble and says why", () => {
    const status = {
      phase: "Running",
      containerStatuses: [
        {
          name: "main",
          ready: false,
          restartCount: 3,
          image: "x",
          imageID: "",
          state: {
            waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" },
          },
          lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
        },
      ],
    };
    const event = unwrap(verifyEvent({ ...sample("PodStatusObserved"), status }));
    expect(describeEvent(event)).toBe(
      "is running, container main ended with code 137 (OOMKilled), starts again after 40s, 3 restarts on n2",
    );
    expect([eventReason(event), eventSeverity(event)]).toEqual(["CrashLoopBackOff", "Warning"]);
  });
  test("what hosts and users write can't drive a terminal or flood it", () => {
    const message = `\u001b[2J${"x".repeat(5000)}\n`;
    const sentence = words("PodFailed", { message });
    expect(sentence).toMatch(/^failed \(NodeLost\): \[2Jx+…$/);
    expect(sentence.length).toBeLessThan(200);
  });
});
