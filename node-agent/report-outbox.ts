// Status reports that are not yet known to be in the log: newest per pod, numbered, sent until committed. Pure.
// Invariant: every message contains all pods that an unconfirmed message before it contained, so that a
// confirmation of its number confirms those too, whichever messages were lost.

import type { NodeStatus, PodReport, SessionId, StatusMessage, Uid } from "../protocol/mod.ts";

export interface ReportOutbox {
  /** In order of first becoming dirty: this order is what keeps the invariant. */
  readonly pods: ReadonlyMap<Uid, Pending<PodReport>>;
  readonly node?: Pending<NodeStatus>;
  /** Number of the last message sent in this session. */
  readonly number: number;
  /** Something waits that the last message did not hold. */
  readonly dirty: boolean;
}
interface Pending<Value> {
  readonly value: Value;
  /** Number of the first message that held exactly this value; undefined while unsent. */
  readonly sentIn?: number;
}

/** Pods in one message; the next ones wait until it is committed. */
export const reportBatchPods = 100;

export const emptyOutbox: ReportOutbox = { pods: new Map(), number: 0, dirty: false };

export function addReport(outbox: ReportOutbox, report: PodReport): ReportOutbox {
  const pods = new Map(outbox.pods);
  pods.set(report.uid, { value: report });
  return { ...outbox, pods, dirty: true };
}

export const addNodeStatus = (outbox: ReportOutbox, status: NodeStatus): ReportOutbox => ({
  ...outbox,
  node: { value: status },
  dirty: true,
});

export const isEmpty = (outbox: ReportOutbox): boolean => outbox.pods.size === 0 && outbox.node === undefined;

/** The message to send now. The same number again when nothing changed; undefined when all is committed. */
export function nextReport(
  outbox: ReportOutbox,
  session: SessionId,
): { readonly outbox: ReportOutbox; readonly message: StatusMessage } | undefined {
  if (isEmpty(outbox)) return undefined;
  const batch = [...outbox.pods].slice(0, reportBatchPods);
  const fresh =
    batch.some(([, pending]) => pending.sentIn === undefined) ||
    (outbox.node && outbox.node.sentIn === undefined);
  const number = fresh ? outbox.number + 1 : outbox.number;
  const pods = new Map(outbox.pods);
  for (const [uid, pending] of batch) pods.set(uid, { ...pending, sentIn: pending.sentIn ?? number });
  const { node } = outbox;
  const message: StatusMessage = {
    version: 1,
    session,
    number,
    pods: batch.map(([, pending]) => pending.value),
    ...(node && { node: node.value }),
  };
  const next: ReportOutbox = {
    ...outbox,
    pods,
    number,
    dirty: batch.length < outbox.pods.size,
    ...(node && { node: { ...node, sentIn: node.sentIn ?? number } }),
  };
  return { outbox: next, message };
}

export function confirmReports(outbox: ReportOutbox, number: number): ReportOutbox {
  const isDone = (pending: { readonly sentIn?: number } | undefined): boolean =>
    pending?.sentIn !== undefined && pending.sentIn <= number;
  const { node, ...rest } = outbox;
  const pods = new Map([...outbox.pods].filter(([, pending]) => !isDone(pending)));
  return { ...rest, pods, ...(node && !isDone(node) && { node }) };
}

export function forgetReports(outbox: ReportOutbox, forgotten: Iterable<Uid>): ReportOutbox {
  const pods = new Map(outbox.pods);
  for (const uid of forgotten) pods.delete(uid);
  return { ...outbox, pods };
}

/** A new session counts from 1 and is told everything again. */
export function restartReports(reports: Iterable<PodReport>, node: NodeStatus | undefined): ReportOutbox {
  const pods = new Map<Uid, Pending<PodReport>>();
  for (const report of reports) pods.set(report.uid, { value: report });
  return { pods, number: 0, dirty: true, ...(node && { node: { value: node } }) };
}
