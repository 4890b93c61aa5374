// The log as one master knows it: reads on, writes through the window, and tells in the order of the stream what was
// accepted. An acknowledgement is only early news of what stands at a sequence, so acknowledged and read commits take
// the same way, through the chain's rule; and an acknowledgement waits until all before it are known.

import {
  type Clock,
  type EventLog,
  type LogEntry,
  LogError,
  type Logger,
  type LogReader,
} from "../../actors/mod.ts";
import { type Commit, type Sequence, sequenceZero } from "../../protocol/mod.ts";
import { type AppendWindow, createAppendWindow, type Pending, type Place } from "./append-window.ts";
import { type Chain, emptyChain, link, skipped } from "./chain.ts";
import { type DecodeCommit, decodeCommit } from "./commit-codec.ts";
import { commitOf, type Draft } from "./draft.ts";

export type News =
  | {
      readonly type: "accepted";
      readonly sequence: Sequence;
      readonly commit: Commit;
      /** The draft, when it is ours. */
      readonly own: Draft | undefined;
      readonly claim: boolean;
      /** Server's time of storing; unknown for what was acknowledged before it was read. */
      readonly storedAt: number | undefined;
    }
  | { readonly type: "skipped"; readonly sequence: Sequence; readonly reason: string }
  | { readonly type: "claim-failed"; readonly draft: Draft }
  /** Everything that stood in the log when `catchUp` was called is told. */
  | { readonly type: "caught-up" }
  /** The log is not the one that was read: its tail is lost, or what comes next was removed. Nothing may go on. */
  | { readonly type: "broken"; readonly reason: string };

export interface Journal {
  readonly chain: Chain;
  /** Last sequence that was judged. */
  readonly seen: Sequence;
  readonly underWay: number;
  readonly hasRoom: boolean;
  /** Monotonic time since when the oldest append waits. */
  readonly waitingSince: number | undefined;
  start(): void;
  /** Resolves with the log's last sequence at the time of asking; `caught-up` follows as news. */
  catchUp(): Promise<Sequence>;
  append(draft: Draft): void;
  /** Gives up all that is under way: we were deposed. */
  abandon(): void;
  /** The next news; `wake` is called when there may be some again. */
  next(): News | undefined;
  stop(): Promise<void>;
}

export interface JournalOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: string;
  readonly decode?: DecodeCommit | undefined;
  /** Something happened that `next` may have news of. Called outside of the caller's turn. */
  readonly wake: () => void;
}

/** Entries read ahead of the fold; beyond it the reader waits. */
const readAheadEntries = 512;
const retryMs = 250;

type Arrived =
  | { readonly type: "broken"; readonly reason: string }
  | { readonly type: "entry"; readonly entry: LogEntry }
  /** The reader has delivered all up to `sequence`, also where messages are missing. */
  | { readonly type: "delivered"; readonly sequence: Sequence; readonly purpose: "tell" | "resend" };

export function createJournal(options: JournalOptions): Journal {
  const { log, clock, logger, wake, decode = decodeCommit } = options;
  const window: AppendWindow = createAppendWindow({ ...options, onSettled: wake });
  const arrived: Arrived[] = [];
  let chain = emptyChain;
  let seen = sequenceZero;
  let reader: LogReader | undefined;
  let readFrom = 1;
  let stopped = false;
  let probing = false;
  let drained: (() => void) | undefined;

  function onEntry(entry: LogEntry): void | Promise<void> {
    readFrom = entry.sequence + 1;
    // Most of what a leader reads it knows from the acknowledgement.
    if (entry.sequence <= seen) return undefined;
    arrived.push({ type: "entry", entry });
    wake();
    if (arrived.length < readAheadEntries) return undefined;
    return new Promise((resolve) => {
      drained = resolve;
    });
  }

  function read(): void {
    if (stopped) return;
    reader = log.read({
      fromSequence: readFrom,
      onEntry,
      onError(error) {
        if (error instanceof LogError && (error.code === "LostTail" || error.code === "Trimmed")) {
          arrived.push({ type: "broken", reason: error.message });
          wake();
          return;
        }
        logger.warn(
          { error: error.message, from: readFrom },
          "reading the log broke off, it goes on shortly",
        );
        clock.after(retryMs, read);
      },
    });
  }

  /** Judges what stands at `sequence`, the next one. */
  function judge(sequence: Sequence, own: Pending | undefined, entry: LogEntry | undefined): News {
    seen = sequence;
    const storedAt = entry?.storedAt;
    let commit: Commit;
    if (own) commit = commitOf(own.draft, own.previous);
    else {
      const decoded = decode(entry?.data ?? new Uint8Array());
      if (!decoded.ok) {
        chain = skipped(chain);
        return { type: "skipped", sequence, reason: decoded.error.message };
      }
      commit = decoded.value;
    }
    const verdict = link(chain, sequence, commit);
    chain = verdict.chain;
    if (verdict.accepted) {
      if (own) window.remove(own);
      return { type: "accepted", sequence, commit, own: own?.draft, claim: verdict.claim, storedAt };
    }
    if (own) {
      own.state = "void";
      if (own.draft.claim) return giveUp(own);
      // In its right place and still not accepted: sending it again would go on for ever.
      if (commit.previous === chain.last) throw new Error(`our own commit does not count: ${verdict.reason}`);
    }
    return { type: "skipped", sequence, reason: verdict.reason };
  }

  function giveUp(claim: Pending): News {
    window.remove(claim);
    return { type: "claim-failed", draft: claim.draft };
  }

  const place = (): Place => ({ expected: seen, previous: chain.last });

  /** Once every answer is certain: read on to the log's end, and if nobody deposed us, append again behind it. */
  function putRight(): void {
    if (probing || stopped || !window.broken) return;
    if (window.pending.some(({ state }) => state === "sent" || state === "stored")) return;
    probing = true;
    catchUp("resend").catch((error: unknown) => {
      logger.warn({ error: String(error) }, "the log's end is not known yet, asking again");
      clock.after(retryMs, () => {
        probing = false;
        wake();
      });
    });
  }

  async function catchUp(purpose: "tell" | "resend"): Promise<Sequence> {
    const sequence = (await log.info()).lastSequence as Sequence;
    if (sequence > seen) await reader?.caughtUp(sequence);
    arrived.push({ type: "delivered", sequence, purpose });
    wake();
    return sequence;
  }

  function takeArrived(): News | undefined {
    for (let item = arrived.shift(); item; item = arrived.shift()) {
      if (item.type === "broken") return item;
      if (item.type === "delivered") {
        if (item.sequence > seen) seen = item.sequence;
        if (item.purpose === "tell") return { type: "caught-up" };
        probing = false;
        if (window.broken) window.resendAll(place());
        continue;
      }
      const { entry } = item;
      if (entry.sequence <= seen) continue;
      return judge(entry.sequence as Sequence, ownBytes(entry.data), entry);
    }
    return undefined;
  }

  /** Our own commit, read before its acknowledgement came. */
  const ownBytes = (data: Uint8Array): Pending | undefined =>
    window.pending.find(({ bytes }) => bytes.length === data.length && Buffer.compare(bytes, data) === 0);

  return {
    get chain() {
      return chain;
    },
    get seen() {
      return seen;
    },
    get underWay() {
      return window.pending.length;
    },
    get hasRoom() {
      return window.hasRoom;
    },
    get waitingSince() {
      return window.pending[0]?.since;
    },
    start: read,
    catchUp: () => catchUp("tell"),
    append: (draft) => window.add(draft, place()),
    abandon: () => window.clear(),
    next() {
      const acknowledged = window.pending.find(({ stored }) => stored === seen + 1);
      if (acknowledged) return judge((seen + 1) as Sequence, acknowledged, undefined);
      const [first] = window.pending;
      if (first?.draft.claim && first.state === "refused") return giveUp(first);
      const news = takeArrived();
      if (arrived.length === 0) {
        drained?.();
        drained = undefined;
      }
      if (!news) putRight();
      return news;
    },
    async stop() {
      stopped = true;
      window.clear();
      drained?.();
      await reader?.stop();
    },
  };
}
