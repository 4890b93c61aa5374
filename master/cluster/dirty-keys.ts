// The controllers' queue of work: each key once, in the order of its first mark, with the event that marked it.
// Bounded: past its limit it collapses into "everything", which level-triggered controllers can always stand.

import type { Position, Uid } from "../../protocol/mod.ts";
import type { ControllerName, DirtyKey } from "./contract.ts";

/** More keys than this collapse into "all are dirty": followers never take keys, and must not keep them. */
export const maxDirtyKeys = 65_536;

/** How well an event explains the work: a changed spec or a lost pod before a changed status. */
export type CauseWeight = "strong" | "weak";

interface Cause {
  readonly position: Position;
  readonly strong: boolean;
}

type Causes = Record<ControllerName, Map<Uid, Cause>>;

const noCauses = (): Causes => ({
  replication: new Map(),
  deployment: new Map(),
  "daemon-set": new Map(),
  "stateful-set": new Map(),
  job: new Map(),
  "cron-job": new Map(),
  "config-rollout": new Map(),
  endpoints: new Map(),
  termination: new Map(),
  "node-pods": new Map(),
  disruption: new Map(),
  garbage: new Map(),
  namespace: new Map(),
  claim: new Map(),
  volume: new Map(),
  "pod-claims": new Map(),
});

export class DirtyKeys {
  #queue: DirtyKey[] = [];
  #head = 0;
  #queued: Causes = noCauses();
  #taken: Causes = noCauses();
  #all = false;
  readonly #everything: () => Iterable<DirtyKey>;
  readonly #howMany: () => number;

  /** `everything` lists the keys of the whole state, `howMany` estimates their number without listing. */
  constructor(everything: () => Iterable<DirtyKey>, howMany: () => number) {
    this.#everything = everything;
    this.#howMany = howMany;
  }

  mark(controller: ControllerName, uid: Uid, position: Position, weight: CauseWeight): void {
    if (this.#all) return;
    const causes = this.#queued[controller];
    const before = causes.get(uid);
    if (before === undefined) {
      if (this.#queue.length - this.#head >= maxDirtyKeys) return this.markAll();
      this.#queue.push({ controller, uid });
      causes.set(uid, { position, strong: weight === "strong" });
    } else if (weight === "strong" && !before.strong) {
      causes.set(uid, { position, strong: true });
    }
  }

  markAll(): void {
    this.#all = true;
    this.#queue = [];
    this.#head = 0;
    this.#queued = noCauses();
  }

  take(limit: number, position: Position): readonly DirtyKey[] {
    if (this.#all) this.#spread(position);
    const keys = this.#queue.slice(this.#head, this.#head + limit);
    this.#head += keys.length;
    // Cleared, not made anew: this runs in every turn, and for every slice of keys.
    for (const causes of Object.values(this.#taken)) causes.clear();
    for (const { controller, uid } of keys) {
      const cause = this.#queued[controller].get(uid);
      this.#queued[controller].delete(uid);
      if (cause) this.#taken[controller].set(uid, cause);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return keys;
  }

  /** The queue takes every key of the state, even above the limit: it only shrinks from here. */
  #spread(position: Position): void {
    this.#all = false;
    for (const key of this.#everything()) {
      const causes = this.#queued[key.controller];
      if (causes.has(key.uid)) continue;
      causes.set(key.uid, { position, strong: false });
      this.#queue.push(key);
    }
  }

  get count(): number {
    return this.#all ? Math.max(1, this.#howMany()) : this.#queue.length - this.#head;
  }

  causeOf(controller: ControllerName, uid: Uid): Position | undefined {
    return (this.#taken[controller].get(uid) ?? this.#queued[controller].get(uid))?.position;
  }
}
