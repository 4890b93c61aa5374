// The appends under way, oldest first, and how each is settled. It knows the log's answers, not the chain: what an
// answer means is the journal's matter.

import type { AppendOutcome, Clock, EventLog, Logger } from "../../actors/mod.ts";
import { assertNever, type Sequence } from "../../protocol/mod.ts";
import { encodeCommit } from "./commit-codec.ts";
import { describeCommit } from "./commit-headers.ts";
import { type Draft, draftEvents } from "./draft.ts";

/** Commits and bytes that may be under way; beyond it no new turn is taken. */
export const windowCommits = 16;
export const windowBytes = 8 * 1024 * 1024;
const appendTimeoutMs = 3_000;
const firstResendMs = 100;
const longestResendMs = 2_000;

export interface Pending {
  readonly draft: Draft;
  /** Monotonic time of the first try. */
  readonly since: number;
  bytes: Uint8Array;
  previous: Sequence;
  expected: Sequence;
  messageId: string;
  /**
   * `sent` until the log's answer is certain. `refused`: certainly not stored. `void`: stored where it does not
   * count. `unsent`: waits until those before it are settled.
   */
  state: "unsent" | "sent" | "stored" | "refused" | "void";
  stored: Sequence | undefined;
}

export interface AppendWindow {
  readonly pending: readonly Pending[];
  readonly bytes: number;
  readonly hasRoom: boolean;
  /** Something before the end was refused or misplaced: nothing new is sent until it is put right. */
  readonly broken: boolean;
  add(draft: Draft, place: Place): void;
  /** Sends everything anew behind `place`; only when no try of any is under way. */
  resendAll(place: Place): void;
  remove(pending: Pending): void;
  clear(): void;
}

/** Where the next append goes: behind the last message of the stream, and the last accepted commit of the chain. */
export interface Place {
  readonly expected: Sequence;
  readonly previous: Sequence;
}

export interface AppendWindowOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes message ids unique over masters: `<writer>.<number>`. */
  readonly writer: string;
  readonly onSettled: () => void;
}

export function createAppendWindow(options: AppendWindowOptions): AppendWindow {
  const { log, clock, logger, writer, onSettled } = options;
  const pending: Pending[] = [];
  let bytes = 0;
  let tries = 0;

  /** ★ An unknown outcome is settled by the identical bytes, expected sequence and id, until it is certain. */
  function send(item: Pending, resendMs: number): void {
    const { messageId, expected } = item;
    const headers = describeCommit(item.draft.epoch, item.draft.firstPosition, draftEvents(item.draft));
    const settle = (outcome: AppendOutcome): void => {
      // A try of something given up or moved since: its answer no longer matters.
      if (item.messageId !== messageId || item.state !== "sent" || !pending.includes(item)) return;
      switch (outcome.type) {
        case "stored":
          // Elsewhere than behind `expected` it cannot be this one: an id was used twice.
          item.state = outcome.sequence === expected + 1 ? "stored" : "refused";
          item.stored = item.state === "stored" ? (outcome.sequence as Sequence) : undefined;
          break;
        case "refused":
          item.state = "refused";
          break;
        case "unknown":
        case "failed":
          logger.warn(
            { outcome: outcome.type, expected, reason: outcome.message },
            "an append is not settled, it is sent again",
          );
          clock.after(resendMs, () => {
            if (item.messageId === messageId && item.state === "sent" && pending.includes(item)) {
              send(item, Math.min(resendMs * 2, longestResendMs));
            }
          });
          return;
        default:
          assertNever(outcome);
      }
      onSettled();
    };
    log
      .append({
        data: item.bytes,
        expectedSequence: expected,
        messageId,
        headers,
        timeoutMs: appendTimeoutMs,
      })
      .then(settle, (error: unknown) => settle({ type: "unknown", message: String(error) }));
  }

  function place(item: Pending, { expected, previous }: Place): void {
    const { epoch, firstPosition, blocks } = item.draft;
    item.bytes = encodeCommit({ epoch, firstPosition, previous }, blocks);
    item.expected = expected;
    item.previous = previous;
    item.messageId = `${writer}.${++tries}`;
    item.state = "sent";
    item.stored = undefined;
    send(item, firstResendMs);
  }

  const behind = (item: Pending): Place => {
    const sequence = (item.expected + 1) as Sequence;
    return { expected: sequence, previous: sequence };
  };
  const isBroken = (): boolean =>
    pending.some(({ state }) => state === "refused" || state === "void" || state === "unsent");

  return {
    get pending() {
      return pending;
    },
    get bytes() {
      return bytes;
    },
    get hasRoom() {
      return pending.length < windowCommits && bytes < windowBytes;
    },
    get broken() {
      return isBroken();
    },
    add(draft, first) {
      const last = pending.at(-1);
      const broken = isBroken();
      const item: Pending = {
        draft,
        since: clock.monotonic(),
        bytes: new Uint8Array(),
        previous: first.previous,
        expected: first.expected,
        messageId: "",
        state: "unsent",
        stored: undefined,
      };
      pending.push(item);
      bytes += draft.bytes;
      if (!broken) place(item, last ? behind(last) : first);
    },
    resendAll(first) {
      let at = first;
      for (const item of pending) {
        place(item, at);
        at = behind(item);
      }
    },
    remove(item) {
      const index = pending.indexOf(item);
      if (index < 0) return;
      pending.splice(index, 1);
      bytes -= item.draft.bytes;
    },
    clear() {
      pending.length = 0;
      bytes = 0;
    },
  };
}
