// What the log says, judged apart from every master: its own rule of which commits count, a fold of them, and who
// wrote what. It hears each append as it is stored, so it is always ahead of everyone else.

import type { LogEntry } from "../../actors/mod.ts";
import type { MemoryStream } from "../../actors/memory/stream.ts";
import type { ClusterState } from "../../master/cluster/contract.ts";
import { createClusterState, evolve } from "../../master/cluster/mod.ts";
import { decodeCommit } from "../../master/mod.ts";
import { asNextReads } from "./cluster/dialect.ts";
import type { BerthEvent, Commit, Position, Positioned } from "../../protocol/mod.ts";

export interface Accepted {
  readonly sequence: number;
  readonly commit: Commit;
  /** Master id of the writer, as the message id names it. */
  readonly writer: string;
}

/** One change of one object, for those who compare what they were shown with what was. */
export interface Change {
  readonly position: number;
  readonly kind: string;
  readonly uid: string;
  /** resourceVersion after it; undefined when it is gone. */
  readonly version: number | undefined;
}

/** Master id, as the id of an append names it. */
export const writerOf = (messageId: string): string => messageId.split(".")[0] ?? "";

export interface OracleListener {
  /** The state is still the one before the event. */
  before?(event: Positioned): void;
  after?(event: Positioned): void;
  accepted?(commit: Accepted): void;
  skipped?(sequence: number, reason: string): void;
}

export class Oracle {
  readonly state: ClusterState = createClusterState();
  readonly listeners: OracleListener[] = [];
  /** In order of position. */
  readonly changes: Change[] = [];
  /** Stream sequence of each command's commit. */
  readonly commands = new Map<string, number>();
  epoch = 0;
  last = 0;
  position = 0;
  leader = "";
  /** Some commits may be written by the next version. */
  readsNext = false;
  /** The first commit that only the next version can read. */
  nextVersionSince: number | undefined;
  skipped = 0;
  commits = 0;
  /** True time of the last accepted commit, and of the last one that is more than leases that go on. */
  heardAt = 0;
  lastAt = 0;
  readonly #now: () => number;
  #closed = false;

  constructor(stream: MemoryStream, now: () => number, onError: (error: Error) => void) {
    this.#now = now;
    // Nobody reconciles here.
    this.state.markAllDirty();
    stream.onAppend(() => {
      const entry = stream.get(stream.lastSequence);
      try {
        if (entry && !this.#closed) this.#hear(entry);
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** What is appended from now on is not judged any more. */
  close(): void {
    this.#closed = true;
  }

  #hear(entry: LogEntry): void {
    // It reads what every version has written.
    const data = this.readsNext ? asNextReads(entry.data) : entry.data;
    const decoded = decodeCommit(data);
    const reason = decoded.ok ? this.#whyNot(decoded.value) : decoded.error.message;
    if (!decoded.ok || reason !== undefined) {
      this.skipped++;
      for (const listener of this.listeners) listener.skipped?.(entry.sequence, reason ?? "");
      return;
    }
    const { value: commit } = decoded;
    this.epoch = commit.epoch;
    this.last = entry.sequence;
    if (data !== entry.data) this.nextVersionSince ??= entry.sequence;
    this.heardAt = this.#now();
    // Leases go on for as long as there are pods that have one: that is silence, too.
    if (!commit.events.every(({ type }) => type === "LeasesConfirmed")) {
      this.commits++;
      this.lastAt = this.heardAt;
    }
    for (const event of commit.events) this.#fold(event, entry.sequence);
    const writer = writerOf(entry.headers["Nats-Msg-Id"] ?? "");
    for (const listener of this.listeners) listener.accepted?.({ sequence: entry.sequence, commit, writer });
  }

  /** Written anew and not shared with the master's: a reader that forgets a part of the rule must differ from it. */
  #whyNot(commit: Commit): string | undefined {
    const { epoch, previous, firstPosition, events } = commit;
    if (previous !== this.last || firstPosition !== this.position + 1) return "it does not follow";
    const claims = events.filter((event) => event.type === "LeaderElected");
    if (claims.length > 1) return "it claims twice";
    const [claim] = claims;
    if (!claim) return epoch === this.epoch && epoch > 0 ? undefined : "it is of another epoch";
    return claim.epoch === epoch && epoch === this.epoch + 1 ? undefined : "its claim does not follow";
  }

  #fold(event: BerthEvent, sequence: number): void {
    const positioned: Positioned = { ...event, position: (this.position + 1) as Position };
    for (const listener of this.listeners) listener.before?.(positioned);
    evolve(this.state, positioned);
    this.position++;
    if (event.type === "LeaderElected") this.leader = event.master;
    if (typeof event.cause === "string" && !this.commands.has(event.cause)) {
      this.commands.set(event.cause, sequence);
    }
    this.#noteChange(positioned);
    for (const listener of this.listeners) listener.after?.(positioned);
  }

  #noteChange(event: Positioned): void {
    if (!("object" in event)) return;
    const { kind, uid } = event.object;
    const version =
      this.state.pod(uid)?.position ??
      this.state.objectByUid(uid)?.position ??
      this.state.nodeByUid(uid)?.position;
    if (version === event.position || version === undefined) {
      this.changes.push({ position: event.position, kind, uid, version });
    }
  }
}
