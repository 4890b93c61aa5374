import { describe, expect, test } from "vitest";
import {
  type AssignedPod,
  assignmentDigest,
  type AssignMessage,
  type Epoch,
  type LogId,
  type LogPoint,
  type Position,
  type SessionId,
  type Uid,
} from "../protocol/mod.ts";
import { applyAssign, applyRegistration, type Assignment, emptyAssignment } from "./assignment.ts";
import { testPod } from "./testkit/pod-fixture.ts";

const point = (position: number, epoch = 1, logId = "log"): LogPoint => ({
  logId: logId as LogId,
  epoch: epoch as Epoch,
  position: position as Position,
});
const assigned = (name: string, position: number): AssignedPod => ({
  uid: name as Uid,
  position: position as Position,
  pod: testPod({ name }),
});
const known = (pods: readonly AssignedPod[], at: LogPoint): Assignment => ({
  session: 7 as SessionId,
  point: at,
  pods: new Map(pods.map((pod) => [pod.uid, pod])),
  digest: assignmentDigest(pods),
  retired: ["gone" as LogId],
});

type Fields = { to: number; epoch?: number; logId?: string; session?: number };
function message(fields: Fields, pods: readonly AssignedPod[], all = pods, from?: number): AssignMessage {
  const { to, epoch = 1, logId = "log", session = 7 } = fields;
  const head = {
    version: 1,
    session: session as SessionId,
    logId: logId as LogId,
    epoch: epoch as Epoch,
    to: to as Position,
    pods,
    digest: assignmentDigest(all),
    services: 0 as Position,
  } as const;
  return from === undefined
    ? { ...head, kind: "full" }
    : { ...head, kind: "delta", from: from as Position, removed: [] };
}

const a = assigned("a", 3);
const b = assigned("b", 5);

describe("an assignment", () => {
  const at4 = known([a], point(4));
  const cases: readonly [string, AssignMessage, string][] = [
    ["a delta on exactly its from applies", message({ to: 5 }, [b], [a, b], 4), "apply"],
    ["a delta from elsewhere syncs", message({ to: 9 }, [b], [a, b], 7), "sync"],
    ["a delta that was applied is ignored", message({ to: 4 }, [a], [a], 2), "ignore"],
    ["a delta with another digest syncs", message({ to: 5 }, [b], [b], 4), "sync"],
    ["a whole that is newer applies", message({ to: 9 }, [b]), "apply"],
    ["a whole that is the same applies again", message({ to: 4 }, [a]), "apply"],
    ["a whole that is older is ignored", message({ to: 3 }, [b]), "ignore"],
    ["an older epoch is ignored", message({ to: 9, epoch: 0 }, [b]), "ignore"],
    ["a newer epoch applies", message({ to: 9, epoch: 2 }, [b]), "apply"],
    ["another session is ignored", message({ to: 9, session: 6 }, [b]), "ignore"],
    ["another log registers", message({ to: 9, logId: "new" }, [b]), "register"],
    ["a replaced log is ignored", message({ to: 9, logId: "gone" }, [b]), "ignore"],
  ];
  test.each(cases)("%s", (_name, given, expected) => {
    expect(applyAssign(at4, given).type).toBe(expected);
  });

  test("says what changed and what went", () => {
    const moved = assigned("a", 8);
    const outcome = applyAssign(known([a, b], point(5)), message({ to: 9 }, [moved]));
    expect(outcome).toMatchObject({ type: "apply", removed: ["b"], changed: [{ uid: "a", position: 8 }] });
  });
});

describe("a registration", () => {
  const session = 9 as SessionId;
  test("keeps the position on the same log", () => {
    const outcome = applyRegistration(known([a], point(4)), { session, point: point(20, 3) });
    expect(outcome).toMatchObject({
      type: "accept",
      assignment: { session: 9, point: { position: 4, epoch: 3 } },
    });
  });
  test("starts over on a new log and never goes back to the old one", () => {
    const outcome = applyRegistration(known([a], point(40, 5)), { session, point: point(2, 1, "new") });
    if (outcome.type !== "accept") throw new Error(outcome.reason);
    expect(outcome.assignment).toMatchObject({
      point: { logId: "new", position: 0 },
      retired: ["gone", "log"],
    });
    expect(applyRegistration(outcome.assignment, { session, point: point(50, 9) }).type).toBe("refuse");
  });
  test("refuses an older epoch and a log that lost its tail", () => {
    expect(applyRegistration(known([], point(4, 3)), { session, point: point(9, 2) }).type).toBe("refuse");
    expect(applyRegistration(known([], point(40, 3)), { session, point: point(9, 4) }).type).toBe("refuse");
    expect(applyRegistration(emptyAssignment, { session, point: point(9) }).type).toBe("accept");
  });
});
