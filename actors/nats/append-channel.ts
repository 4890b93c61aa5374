// Sends appends in the order of the calls and matches the acknowledgements; never sends anything twice.
// One inbox for all and one timer for all deadlines: with 64 in flight this is the hot path of every commit.

import type { Msg } from "nats";

import type { BusSubscription } from "../bus.ts";
import type { AppendOutcome, AppendRequest } from "../log.ts";
import type { Cancel, World } from "../world.ts";
import type { NatsBus } from "./bus.ts";
import { jetStreamErrors } from "./jetstream-api.ts";

interface PendingAppend {
  readonly deadline: number;
  readonly settle: (outcome: AppendOutcome) => void;
}

/** Errors that say "not now": whether an earlier try was stored nobody knows. */
const undecided: ReadonlySet<number> = new Set([
  jetStreamErrors.temporarilyUnavailable,
  jetStreamErrors.notLeader,
  jetStreamErrors.duplicateInProcess,
]);

export class AppendChannel {
  readonly #bus: NatsBus;
  readonly #world: World;
  readonly #subject: string;
  readonly #inbox: string;
  readonly #pending = new Map<string, PendingAppend>();
  readonly #release: (() => void)[];
  readonly #subscription: BusSubscription;
  #nextToken = 0;
  #timer: { readonly due: number; readonly cancel: Cancel } | undefined;

  constructor(bus: NatsBus, world: World, subject: string) {
    this.#bus = bus;
    this.#world = world;
    this.#subject = subject;
    this.#inbox = `${bus.inbox()}.`;
    this.#subscription = bus.subscribeRaw(`${this.#inbox}*`, (message) => this.#onReply(message));
    this.#release = [
      bus.onState((state) => {
        if (state !== "connected")
          this.#settleAll({ type: "unknown", message: `the connection is ${state}` });
      }),
      bus.onDenied((denied) => {
        if (denied !== subject) return;
        this.#settleAll({ type: "failed", message: `the server does not permit publishing on ${subject}` });
      }),
    ];
  }

  append(request: AppendRequest): Promise<AppendOutcome> {
    if (this.#bus.state !== "connected") {
      return Promise.resolve({ type: "unknown", message: "not sent: there is no connection to NATS" });
    }
    if (request.data.length > this.#bus.maxPayload) {
      const message = `${request.data.length} bytes, and the server takes ${this.#bus.maxPayload}`;
      return Promise.resolve({ type: "failed", message });
    }
    const token = (this.#nextToken++).toString(36);
    const outcome = new Promise<AppendOutcome>((settle) => {
      const deadline = this.#world.clock.monotonic() + request.timeoutMs;
      this.#pending.set(token, { deadline, settle });
      this.#arm(deadline);
    });
    this.#bus.publish(this.#subject, request.data, {
      reply: this.#inbox + token,
      headers: {
        ...request.headers,
        "Nats-Expected-Last-Sequence": String(request.expectedSequence),
        "Nats-Msg-Id": request.messageId,
      },
    });
    return outcome;
  }

  close(): void {
    this.#timer?.cancel();
    for (const release of this.#release) release();
    if (this.#bus.state !== "closed") this.#subscription.unsubscribe();
    this.#settleAll({ type: "unknown", message: "the log was closed" });
  }

  #onReply(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const pending = this.#pending.get(token);
    if (!pending) return;
    this.#pending.delete(token);
    pending.settle(readAcknowledgement(message));
  }

  #settleAll(outcome: AppendOutcome): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const { settle } of all) settle(outcome);
  }

  #arm(due: number): void {
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.cancel();
    const { clock } = this.#world;
    // Behind pending I/O: after a long turn the acknowledgements may lie in the socket already.
    const cancel = clock.after(due - clock.monotonic(), () => clock.after(0, () => this.#sweep()));
    this.#timer = { due, cancel };
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#world.clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const [token, { deadline, settle }] of this.#pending) {
      if (deadline > now) {
        next = Math.min(next, deadline);
        continue;
      }
      this.#pending.delete(token);
      settle({ type: "unknown", message: "no acknowledgement in time" });
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
}

interface Acknowledgement {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code?: number; readonly err_code?: number; readonly description?: string };
}

function readAcknowledgement(message: Msg): AppendOutcome {
  const { data } = message;
  if (data.length === 0) {
    // No responders: the stream has no leader just now, or there is none. An earlier try may have been stored.
    return {
      type: "unknown",
      message: `no acknowledgement: ${message.headers?.status ?? "empty"} from the server`,
    };
  }
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  const acknowledgement = parse(text);
  const error = acknowledgement?.error;
  if (error) {
    const description = `${error.description ?? "no description"} (${error.err_code ?? error.code ?? "no code"})`;
    if (error.err_code === jetStreamErrors.wrongLastSequence)
      return { type: "refused", message: description };
    const type = undecided.has(error.err_code ?? 0) ? "unknown" : "failed";
    return { type, message: description };
  }
  if (typeof acknowledgement?.seq !== "number") {
    return { type: "unknown", message: `not an acknowledgement: ${text.slice(0, 200)}` };
  }
  return { type: "stored", sequence: acknowledgement.seq, duplicate: acknowledgement.duplicate === true };
}

function parse(text: string): Acknowledgement | undefined {
  try {
    const value: Acknowledgement | null = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
