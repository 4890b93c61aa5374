// Sends status reports: what changes together travels together, and everything again until it is committed.

import type { NodeStatus, PodReport, SessionId, StatusMessage, Uid } from "../protocol/mod.ts";
import {
  addNodeStatus,
  addReport,
  confirmReports,
  emptyOutbox,
  forgetReports,
  isEmpty,
  nextReport,
  type ReportOutbox,
  restartReports,
} from "./report-outbox.ts";

export interface StatusReporterOptions {
  publish(message: StatusMessage): void;
  /** Calls `send` after this long; a later call replaces an earlier one. */
  sendIn(delayMs: number): void;
}

/** A report that is not committed is sent again after this. */
export const resendMs = 1000;
/** Reports that come together travel together. */
const gatherMs = 10;

export class StatusReporter {
  readonly #options: StatusReporterOptions;
  #outbox: ReportOutbox = emptyOutbox;
  /** Undefined until registered: nobody would know whose numbers these are. */
  #session: SessionId | undefined;

  constructor(options: StatusReporterOptions) {
    this.#options = options;
  }

  /** Number of the last message of this session. */
  get number(): number {
    return this.#outbox.number;
  }

  /** A new session counts anew and is told everything. */
  begin(session: SessionId, reports: Iterable<PodReport>, node: NodeStatus): void {
    this.#session = session;
    this.#outbox = restartReports(reports, node);
    this.send();
  }

  pod(report: PodReport): void {
    this.#outbox = addReport(this.#outbox, report);
    this.#options.sendIn(gatherMs);
  }
  node(status: NodeStatus): void {
    this.#outbox = addNodeStatus(this.#outbox, status);
    this.#options.sendIn(gatherMs);
  }
  /** Nobody waits for the reports of pods that are not wanted any more. */
  forget(pods: Iterable<Uid>): void {
    this.#outbox = forgetReports(this.#outbox, pods);
  }

  committed(session: SessionId, number: number): void {
    if (session !== this.#session) return;
    this.#outbox = confirmReports(this.#outbox, number);
    // What did not fit into the last message, or came after it, goes now.
    if (this.#outbox.dirty && !isEmpty(this.#outbox)) this.#options.sendIn(gatherMs);
  }

  send(): void {
    if (this.#session === undefined) return;
    const next = nextReport(this.#outbox, this.#session);
    if (!next) return;
    this.#outbox = next.outbox;
    this.#options.publish(next.message);
    this.#options.sendIn(resendMs);
  }
}
