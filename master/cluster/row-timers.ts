// Keeps the timers in step with the rows they are derived from: pods, nodes and objects.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import type { ClusterState, NodeRow, ObjectRow, PodRow } from "./contract.ts";
import { leaseOverAt } from "./identity.ts";
import { isFinished } from "./node-table.ts";
import { objectTimer } from "./object-timers.ts";
import { podTimer } from "./pod-timers.ts";
import { toleratedUntil, toleratesForAWhile } from "./taint-tolerance.ts";
import type { Timers } from "./timers.ts";

type Rows = Pick<ClusterState, "electedAt" | "node" | "nodes" | "objectByUid" | "podsOnNode" | "podsOwnedBy">;

export class RowTimers {
  readonly #rows: Rows;
  readonly #timers: Timers;

  constructor(rows: Rows, timers: Timers) {
    this.#rows = rows;
    this.#timers = timers;
  }

  podChanged(uid: Uid, before: PodRow | undefined, next: PodRow | undefined): void {
    const same = before?.deletion === next?.deletion && before?.readyAt === next?.readyAt;
    if (!same || hasEnded(before) !== hasEnded(next)) this.#timePod(uid, next);
    if (next && before?.node !== next.node) this.#timeStay(next);
  }

  nodeChanged(before: NodeRow | undefined, next: NodeRow | undefined): void {
    if (next?.state === "Lost") this.#timeLost(next);
    else if (before?.state === "Lost") this.#timers.disarm((next ?? before).ref.uid);
  }

  /** How long the pods of a node tolerate it is another time now. */
  taintsChanged(node: NodeName): void {
    for (const row of this.#rows.podsOnNode(node)) this.#timeStay(row);
  }

  /** When leases on lost nodes are over counts from the newest claim. */
  leaderChanged(): void {
    for (const node of this.#rows.nodes()) if (node.state === "Lost") this.#timeLost(node);
  }

  objectChanged(uid: Uid, next: ObjectRow | undefined): void {
    const timer = next && objectTimer(next);
    if (timer) this.#timers.arm(uid, timer.due, timer.key);
    else this.#timers.disarm(uid);
  }

  /** The pods of this owner are available after another time now. */
  minReadyChanged(owner: Uid): void {
    for (const row of this.#rows.podsOwnedBy(owner)) this.#timePod(row.ref.uid, row);
  }

  #timePod(uid: Uid, row: PodRow | undefined): void {
    const owner = row?.owner === undefined ? undefined : this.#rows.objectByUid(row.owner);
    const timer = row && podTimer(row, owner);
    if (timer) this.#timers.arm(uid, timer.due, timer.key);
    else this.#timers.disarm(uid);
  }

  /** When a toleration of its node's taints ends. A timer too many only makes somebody look. */
  #timeStay(row: PodRow): void {
    if (row.node === undefined || !toleratesForAWhile(row)) return;
    const node = this.#rows.node(row.node);
    const until = node && toleratedUntil(row, node.taints, node);
    if (!node || until === undefined || !Number.isFinite(until)) return;
    this.#timers.arm(`${row.ref.uid}/stay`, until, { controller: "node-pods", uid: node.ref.uid });
  }

  #timeLost(node: NodeRow): void {
    const { uid } = node.ref;
    this.#timers.arm(uid, leaseOverAt(this.#rows, node), { controller: "node-pods", uid });
  }
}

const hasEnded = (row: PodRow | undefined): boolean => row !== undefined && isFinished(row);
