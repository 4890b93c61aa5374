// Makes a failing plan smaller while it fails in the same way: fewer faults, commands, nodes, masters, and less time.

import { runPlan, type RunResult } from "./run.ts";
import type { Plan } from "./plan.ts";

export interface ShrinkOptions {
  /** Runs that may be spent. */
  readonly runs: number;
  readonly onStep?: (plan: Plan) => void;
}

export async function shrink(plan: Plan, { runs, onStep }: ShrinkOptions): Promise<Plan> {
  const wanted = (await runPlan(plan)).failure?.name;
  if (wanted === undefined) return plan;
  let best = plan;
  let left = runs;

  async function tryOut(candidate: Plan): Promise<boolean> {
    if (left-- <= 0) return false;
    const { failure }: RunResult = await runPlan(candidate);
    if (failure?.name !== wanted) return false;
    best = candidate;
    onStep?.(best);
    return true;
  }

  /** Takes away ever smaller parts of a list, as delta debugging does. */
  async function fewer<Item>(
    items: (plan: Plan) => readonly Item[],
    put: (plan: Plan, items: readonly Item[]) => Plan,
    least = 0,
  ): Promise<void> {
    for (let size = Math.ceil(items(best).length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start < items(best).length && left > 0; ) {
        const present = items(best);
        const kept = [...present.slice(0, start), ...present.slice(start + size)];
        const gone = kept.length >= least && kept.length < present.length && (await tryOut(put(best, kept)));
        if (!gone) start += size;
      }
    }
  }

  await fewer(
    ({ faults }) => faults,
    (from, faults) => ({ ...from, faults }),
  );
  await fewer(
    ({ commands }) => commands,
    (from, commands) => ({ ...from, commands }),
  );
  await fewer(
    ({ lasting }) => lasting ?? [],
    (from, lasting) => ({ ...from, lasting }),
  );
  await fewer(
    ({ nodes }) => nodes,
    (from, nodes) => ({ ...from, nodes }),
    1,
  );
  await fewer(
    ({ masters }) => masters,
    (from, masters) => ({ ...from, masters }),
    1,
  );
  await fewer(
    ({ users }) => users,
    (from, users) => ({ ...from, users }),
    1,
  );
  const last = Math.max(1_000, ...best.faults.map(({ at }) => at), ...best.commands.map(({ at }) => at));
  if (last + 1_000 < best.troubleMs) await tryOut({ ...best, troubleMs: last + 1_000 });
  await tryOut({ ...best, programs: { exits: 0, missing: 0, stopsSlowly: 0, ignoresStop: 0 } });
  if (best.ending) {
    const { ending: _none, ...endless } = best;
    await tryOut(endless);
  }
  await tryOut({ ...best, network: { latencyMs: 0.5, jitterMs: 0 } });
  return best;
}
