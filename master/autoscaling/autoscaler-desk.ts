// The leader's rounds over its autoscalers: looks at each in its time and runs what comes of it in the turn. What it
// remembers goes with the term.

import type { Clock } from "../../actors/mod.ts";
import type { Prefix, Uid } from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow } from "../cluster/mod.ts";
import type { Figures } from "../figures/mod.ts";
import type { Turn } from "../turn.ts";
import { autoscale } from "./autoscale.ts";
import { measuresOf } from "./measures.ts";
import type { Memory } from "./memory.ts";

/** As in Kubernetes (--horizontal-pod-autoscaler-sync-period). */
export const defaultAutoscaleEveryMs = 15_000;

/** Turns follow each other fast: the list of autoscalers is gone through no more often than this. */
const scanEveryMs = 100;

export interface AutoscalerDeskOptions {
  readonly state: ClusterState;
  readonly figures: Figures;
  readonly prefix: Prefix;
  readonly clock: Clock;
  /** Leader's time. */
  readonly now: () => number;
  readonly everyMs: number;
}

export interface AutoscalerDesk {
  /** Looks at those whose time has come, or whose spec has changed, as long as the turn may go on. */
  run(turn: Turn): void;
}

interface Watched {
  readonly value: ObjectRow["value"];
  readonly nextAt: number;
  readonly memory: Memory;
}

export function createAutoscalerDesk(options: AutoscalerDeskOptions): AutoscalerDesk {
  const { state, figures, prefix, clock, everyMs } = options;
  let watched = new Map<Uid, Watched>();
  let scanAt = Number.NEGATIVE_INFINITY;

  function isDue({ ref, value }: ObjectRow, at: number): boolean {
    const known = watched.get(ref.uid);
    return !known || known.value !== value || at >= known.nextAt;
  }

  function look(row: ObjectRow, turn: Turn, at: number, measures: ReturnType<typeof measuresOf>): void {
    const memory = watched.get(row.ref.uid)?.memory;
    const now = Math.max(options.now(), state.at);
    const found = autoscale(state, row, { measures, memory, now });
    watched.set(row.ref.uid, { value: row.value, nextAt: at + everyMs, memory: found.memory });
    for (const envelope of found.commands) turn.run(envelope);
  }

  return {
    run(turn) {
      const at = clock.monotonic();
      if (at < scanAt) return;
      scanAt = at + scanEveryMs;
      const rows = [...state.objects("HorizontalPodAutoscaler")];
      const due = rows.filter((row) => !row.deletion && isDue(row, at));
      if (due.length > 0) {
        const measures = measuresOf(figures, state, prefix);
        for (const row of due) {
          if (!turn.mayGoOn) break;
          look(row, turn, at, measures);
        }
      }
      if (watched.size > rows.length) {
        const present = new Set(rows.map(({ ref }) => ref.uid));
        watched = new Map([...watched].filter(([uid]) => present.has(uid)));
      }
    },
  };
}
