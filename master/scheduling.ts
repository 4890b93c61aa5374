// Which waiting pods are worth a look now: pods that nobody has looked at, or all when room may have appeared.
// Remembers only what it tried; the plan itself is the scheduler's.

import { assertNever, type BerthEvent, type CommandEnvelope, type Uid } from "../protocol/mod.ts";
import type { ClusterState, PlanPods, PodRow } from "./cluster/contract.ts";
import { usesClaims } from "./storage/mod.ts";

/** Pods in one plan, so that a turn ends within its budget. */
const podsPerPlan = 500;

/** "claiming pods": new ones, and those that use claims. */
type Wanted = "nothing" | "new pods" | "claiming pods" | "all pods";
const extent: readonly Wanted[] = ["nothing", "new pods", "claiming pods", "all pods"];

export interface Scheduling {
  readonly wanted: boolean;
  note(event: BerthEvent): void;
  /** After a claim. */
  lookAtAll(): void;
  /** Plans the next slice of pods; no commands once all are tried. */
  plan(state: ClusterState, now: number): readonly CommandEnvelope[];
}

export function createScheduling(planPods: PlanPods): Scheduling {
  let wanted: Wanted = "nothing";
  let tried = new Set<Uid>();

  function want(more: Wanted): void {
    if (more === "nothing") return;
    if (more !== "new pods") tried = new Set();
    if (extent.indexOf(more) > extent.indexOf(wanted)) wanted = more;
  }

  const mayFitNow = ({ spec }: PodRow): boolean =>
    wanted === "all pods" || (wanted === "claiming pods" && usesClaims(spec));

  function next(state: ClusterState): readonly PodRow[] {
    const rows: PodRow[] = [];
    for (const row of state.podsWaiting()) {
      if (tried.has(row.ref.uid) || (row.refusal && !mayFitNow(row))) continue;
      rows.push(row);
      if (rows.length === podsPerPlan) break;
    }
    return rows;
  }

  return {
    get wanted() {
      return wanted !== "nothing";
    },
    note: (event) => want(wantedAfter(event)),
    lookAtAll: () => want("all pods"),
    plan(state, now) {
      const rows = next(state);
      if (rows.length === 0) {
        wanted = "nothing";
        tried = new Set();
        return [];
      }
      for (const row of rows) tried.add(row.ref.uid);
      const { bindings, refusals, preemptions, unexamined } = planPods(state, rows, now);
      // Their turn comes with the next plan: each looks at some that the one before had left.
      for (const uid of unexamined) tried.delete(uid);
      if (unexamined.length > 0 && wanted === "new pods") wanted = "all pods";
      const byUid = new Map(rows.map((row) => [row.ref.uid, row]));
      const commands: CommandEnvelope[] = [];
      for (const { pod, node, placement } of bindings) {
        const row = byUid.get(pod);
        if (!row) continue;
        const command = { type: "BindPod", pod: row.ref, node, placement } as const;
        commands.push({ by: "scheduler", cause: row.position, command });
      }
      for (const { pods, refusal } of refusals) {
        for (const pod of pods) {
          const row = byUid.get(pod);
          if (!row || row.refusal?.message === refusal.message) continue;
          const command = { type: "RefusePod", pod: row.ref, refusal } as const;
          commands.push({ by: "scheduler", cause: row.position, command });
        }
      }
      for (const { pod, node, victims } of preemptions) {
        const row = byUid.get(pod);
        if (!row) continue;
        const command = { type: "PreemptPods", pod: row.ref, node, victims } as const;
        commands.push({ by: "scheduler", cause: row.position, command });
      }
      return commands;
    },
  };
}

const storageKinds: ReadonlySet<string> = new Set([
  "PersistentVolumeClaim",
  "PersistentVolume",
  "StorageClass",
]);
const wantedByStorage = (kind: string): Wanted => (storageKinds.has(kind) ? "claiming pods" : "nothing");

function wantedAfter(event: BerthEvent): Wanted {
  switch (event.type) {
    case "PodCreated":
      return "new pods";
    case "ObjectCreated":
      if (event.object.kind === "Pod") return "new pods";
      return event.object.kind === "Node" ? "all pods" : wantedByStorage(event.object.kind);
    case "ObjectUpdated":
    case "ObjectDeleted":
      if (event.object.kind === "Pod" || event.object.kind === "Node") return "all pods";
      return wantedByStorage(event.object.kind);
    case "PodStatusObserved":
      return event.status.phase === "Succeeded" || event.status.phase === "Failed" ? "all pods" : "nothing";
    case "PodFailed":
    case "NodeRegistered":
    case "NodeRecovered":
    case "TaintsChanged":
      return "all pods";
    case "LogCreated":
    case "LeasesConfirmed":
    case "LogRestored":
    case "LevelRaised":
    case "ClusterConfigured":
    case "LeaderElected":
    case "LeaderStoodDown":
    case "CommandCompleted":
      return "nothing";
    case "StatusUpdated":
    case "DeletionRequested":
      return wantedByStorage(event.object.kind);
    case "NodeLost":
      // Those whose data is on it wait for another reason now.
      return "claiming pods";
    case "FinalizerRemoved":
    case "OwnersChanged":
    case "TemplateRecorded":
    case "PodBound":
    case "PodUnschedulable":
    case "PodNominated":
    case "PodConditionsSet":
    case "TerminationReleased":
    case "NodeSuspected":
    case "NodeFenced":
    case "NodeStatusObserved":
    case "ReportsReceived":
    case "EndpointsChanged":
      return "nothing";
    default:
      return assertNever(event, "event");
  }
}
