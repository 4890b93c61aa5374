// The facts of the state that are not in a table: where the log stands, who leads, the address ranges.

import {
  type Epoch,
  epochZero,
  type LogId,
  type MasterId,
  type Position,
  positionZero,
} from "../../protocol/mod.ts";
import type { UndoLog } from "./undo-log.ts";

export interface Head {
  readonly position: Position;
  readonly at: number;
  readonly logId: LogId | undefined;
  readonly epoch: Epoch;
  readonly leader: MasterId | undefined;
  /** When the last claim was made: no lease was confirmed to run on from a later moment by anyone before. */
  readonly electedAt: number;
  readonly level: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly servicesPosition: Position;
}

const emptyHead: Head = {
  position: positionZero,
  at: 0,
  logId: undefined,
  epoch: epochZero,
  leader: undefined,
  electedAt: 0,
  level: 1,
  podCidr: "10.42.0.0/16",
  serviceCidr: "10.43.0.0/16",
  servicesPosition: positionZero,
};

export class HeadKeeper {
  #head = emptyHead;
  /** `#head`, while it is this keeper's alone and may be changed in place. */
  #own: { -readonly [K in keyof Head]: Head[K] } | undefined;
  readonly #undo: UndoLog;

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  get current(): Head {
    return this.#head;
  }

  /** The next event's place and time; time never goes back. Hot: without a mark the head is changed in place. */
  advance(position: Position, at: number): void {
    const latest = Math.max(this.#head.at, at);
    if (!this.#own || this.#undo.recording) return this.set({ position, at: latest });
    this.#own.position = position;
    this.#own.at = latest;
  }

  set(change: Partial<Head>): void {
    const before = this.#head;
    const next = { ...before, ...change };
    this.#head = next;
    this.#own = this.#undo.recording ? undefined : next;
    this.#undo.push(() => {
      this.#head = before;
      this.#own = undefined;
    });
  }
}
