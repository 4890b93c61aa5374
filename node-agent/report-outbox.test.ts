import fc from "fast-check";
import { expect, test } from "vitest";
import type { PodReport, SessionId, StatusMessage, Uid } from "../protocol/mod.ts";
import {
  addReport,
  confirmReports,
  emptyOutbox,
  isEmpty,
  nextReport,
  reportBatchPods,
  type ReportOutbox,
} from "./report-outbox.ts";

const session = 1 as SessionId;
const report = (pod: number, version: number): PodReport => ({
  uid: `p${pod}` as Uid,
  status: { message: String(version) },
});

function send(outbox: ReportOutbox): [ReportOutbox, StatusMessage] {
  const next = nextReport(outbox, session);
  if (!next) throw new Error("nothing to send");
  return [next.outbox, next.message];
}

test("the same content keeps its number, new content gets the next", () => {
  const [once, first] = send(addReport(emptyOutbox, report(1, 1)));
  const [twice, again] = send(once);
  expect(again).toEqual(first);
  const [, changed] = send(addReport(twice, report(1, 2)));
  expect(changed.number).toBe(first.number + 1);
});

test("a confirmation of an old number leaves what changed since", () => {
  const [sent, first] = send(addReport(emptyOutbox, report(1, 1)));
  const changed = addReport(sent, report(1, 2));
  expect(isEmpty(confirmReports(changed, first.number))).toBe(false);
  const [, second] = send(confirmReports(changed, first.number));
  expect(second.pods[0]?.status.message).toBe("2");
});

test("messages are bounded; the rest follows when the first are committed", () => {
  let outbox = emptyOutbox;
  for (let pod = 0; pod < reportBatchPods + 10; pod++) outbox = addReport(outbox, report(pod, 1));
  const [sent, first] = send(outbox);
  expect(first.pods).toHaveLength(reportBatchPods);
  const [, second] = send(confirmReports(sent, first.number));
  expect(second.pods).toHaveLength(10);
});

test("whatever is lost, doubled or late: what a receiver that goes by numbers has in the end is the newest", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("change" as const), pod: fc.nat(4) }),
    fc.record({ type: fc.constant("send" as const), lost: fc.boolean(), late: fc.nat(3) }),
    fc.record({ type: fc.constant("confirm" as const), lost: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let outbox = emptyOutbox;
      let version = 0;
      const newest = new Map<string, string>();
      const log = new Map<string, string>();
      let reported = 0;
      const wire: StatusMessage[] = [];
      const take = (message: StatusMessage | undefined): void => {
        if (!message || message.number <= reported) return;
        reported = message.number;
        for (const { uid, status } of message.pods) log.set(uid, status.message ?? "");
      };
      for (const each of steps) {
        if (each.type === "change") {
          version += 1;
          outbox = addReport(outbox, report(each.pod, version));
          newest.set(`p${each.pod}`, String(version));
        } else if (each.type === "send") {
          const next = nextReport(outbox, session);
          if (!next) continue;
          outbox = next.outbox;
          if (!each.lost) wire.splice(Math.max(0, wire.length - each.late), 0, next.message);
          if (each.late === 0) take(wire.shift());
        } else if (!each.lost && reported > 0) outbox = confirmReports(outbox, reported);
      }
      // The faults end: everything pending is delivered and confirmed.
      for (const message of wire) take(message);
      for (let round = 0; round < 20 && !isEmpty(outbox); round++) {
        const next = nextReport(outbox, session);
        if (!next) break;
        take(next.message);
        outbox = confirmReports(next.outbox, reported);
      }
      expect(isEmpty(outbox)).toBe(true);
      expect(Object.fromEntries(log)).toEqual(Object.fromEntries(newest));
    }),
  );
});
