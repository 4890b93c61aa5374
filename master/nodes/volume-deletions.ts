// Tells nodes which released volumes' data they are to delete, again and again until they have said that it is gone.

import {
  agentSubject,
  type DeleteVolumesMessage,
  type NodeName,
  type Positioned,
  type Prefix,
  type SessionId,
  type VolumeDeletedMessage,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow } from "../cluster/contract.ts";
import type { Effect } from "../outbox.ts";
import { homeOf, volumeSpecOf } from "../storage/mod.ts";
import type { Turn } from "../turn.ts";
import { sourceOf } from "./assigned-volumes.ts";

/** A node that has not answered is told again after this, and then ever more slowly: a pod may be on its way out. */
const remindAfterMs = 1_000;
const remindAtMostMs = 30_000;
/** Volumes in one message; the next ones follow when these are gone. */
const volumesPerMessage = 100;

export interface VolumeDeletions {
  note(event: Positioned): void;
  /** The node is heard: what it was told long ago is told again. */
  remind(node: NodeRow, now: number): void;
  take(node: NodeName, message: VolumeDeletedMessage): void;
  /** Decides what nodes have said. */
  run(turn: Turn): void;
  collect(now: number): readonly Effect[];
  readonly waiting: boolean;
}

export function createVolumeDeletions(prefix: Prefix, state: ClusterState): VolumeDeletions {
  const due = new Set<NodeName>();
  const told = new Map<
    NodeName,
    { readonly at: number; readonly session: SessionId; readonly times: number }
  >();
  let heard: { readonly node: NodeName; readonly message: VolumeDeletedMessage }[] = [];

  const hasWork = (node: NodeName): boolean => {
    for (const _ of state.volumesToDelete(node)) return true;
    return false;
  };

  function messageFor({ name, session }: NodeRow): DeleteVolumesMessage {
    const volumes: DeleteVolumesMessage["volumes"][number][] = [];
    for (const row of state.volumesToDelete(name)) {
      const source = sourceOf(row);
      if (source) volumes.push({ uid: row.ref.uid, source });
      if (volumes.length === volumesPerMessage) break;
    }
    return { version: 1, session, volumes };
  }

  return {
    note(event) {
      if (event.type !== "StatusUpdated" || event.object.kind !== "PersistentVolume") return;
      if (event.status["phase"] !== "Released") return;
      const row = state.objectByUid(event.object.uid);
      const node = row && homeOf(volumeSpecOf(row.value));
      if (node === undefined || !hasWork(node)) return;
      told.delete(node);
      due.add(node);
    },
    remind(node, now) {
      const last = told.get(node.name);
      const pauseMs = Math.min(remindAtMostMs, remindAfterMs * 2 ** Math.min(10, (last?.times ?? 1) - 1));
      const recently = last && last.session === node.session && now - last.at < pauseMs;
      if (!recently && hasWork(node.name)) due.add(node.name);
    },
    take(node, message) {
      heard.push({ node, message });
    },
    run(turn) {
      for (const { node, message } of heard) {
        const { session, volume, error } = message;
        const command = {
          type: "ReportVolume",
          node,
          session,
          volume,
          ...(error !== undefined && { error }),
        } as const;
        turn.run({ by: `node:${node}`, command });
      }
      heard = [];
    },
    collect(now) {
      const effects: Effect[] = [];
      for (const name of due) {
        const node = state.node(name);
        if (!node || node.session === 0 || !hasWork(name)) continue;
        const before = told.get(name);
        const times = before?.session === node.session ? before.times + 1 : 1;
        told.set(name, { at: now, session: node.session, times });
        const subject = agentSubject(prefix, name, "delete-volumes");
        effects.push({ type: "publish", subject, message: messageFor(node) });
      }
      due.clear();
      return effects;
    },
    get waiting() {
      return due.size > 0 || heard.length > 0;
    },
  };
}
