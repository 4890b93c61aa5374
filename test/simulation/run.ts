// One run of one plan: trouble, then healing, then the proof that everything is as it was asked and silent.

import { performance } from "node:perf_hooks";
import { longestExitMs } from "./cluster/programs.ts";
import { SimCluster } from "./cluster/sim-cluster.ts";
import type { CoverageTable } from "./coverage.ts";
import { forbidRealWork } from "./engine/leak-guard.ts";
import { bringAbout } from "./ending.ts";
import { forbidAmbient } from "./engine/ambient-guard.ts";
import { classOf } from "./faults/all.ts";
import { isRestless } from "./faults/lasting.ts";
import { Violation } from "./invariants/invariant.ts";
import { convergeMs, missing, quietMs, silenceMs } from "./liveness.ts";
import type { Plan } from "./plan.ts";

export interface RunOptions {
  /** Keep the lines of the story. */
  readonly told?: boolean;
  /** Also watches for anything begun that is not simulated; costs much. */
  readonly strict?: boolean;
  /** Ends the run at this virtual time, without the proof. */
  readonly untilMs?: number;
}

export interface RunResult {
  readonly seed: number;
  readonly failure: { readonly name: string; readonly message: string; readonly atMs: number } | undefined;
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly realMs: number;
  /** What it took until everything was as asked: what comes after that is silence, and costs less. */
  readonly troubled: { readonly events: number; readonly realMs: number };
  readonly commits: number;
  readonly coverage: CoverageTable;
  readonly lines: readonly string[];
}

/** Errors are values to most of what runs here, and who made one costs more than all else of it. A told run says it. */
const untoldFrames = 0;
const lookEveryMs = 1_000;
/** A leader that confirms leases has a commit under way at its ticks, and none in between. */
const betweenTicksMs = 137;

export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  const realNow = performance.now.bind(performance);
  const began = realNow();
  const cluster = new SimCluster(plan, { told: options.told ?? false });
  const { timeline, trace, oracle, coverage } = cluster;
  const onRejection = (error: unknown): void =>
    timeline.fail(
      new Violation("no promise is left to fail alone", String(error instanceof Error ? error.stack : error)),
    );
  process.on("unhandledRejection", onRejection);
  const { stackTraceLimit } = Error;
  if (!options.told) Error.stackTraceLimit = untoldFrames;
  const release = forbidAmbient((error) => timeline.fail(error));
  const unwatch = options.strict
    ? forbidRealWork(
        () => timeline.isStepping,
        (error) => timeline.fail(error),
      )
    : undefined;
  let failure: RunResult["failure"];
  const spent = (): RunResult["troubled"] => ({ events: timeline.events, realMs: realNow() - began });
  let troubled: RunResult["troubled"] | undefined;
  const onSettled = (): void => {
    troubled = spent();
  };
  try {
    await live(cluster, options.untilMs ?? Number.POSITIVE_INFINITY, onSettled);
    if (timeline.failure) throw timeline.failure;
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    const name = cause instanceof Violation ? cause.invariant : cause.name;
    failure = {
      name,
      message: cause instanceof Violation ? cause.message : (cause.stack ?? cause.message),
      atMs: timeline.now,
    };
    trace.tell("world", () => `FAILED: ${failure?.message}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    unwatch?.();
    release();
    process.off("unhandledRejection", onRejection);
  }
  return {
    seed: plan.seed,
    failure,
    hash: trace.hash,
    virtualMs: timeline.now,
    ...spent(),
    troubled: troubled ?? spent(),
    commits: oracle.commits,
    coverage: coverage.table(),
    lines: trace.lines,
  };
}

async function live(cluster: SimCluster, untilMs: number, onSettled: () => void): Promise<void> {
  const { timeline, plan, trace } = cluster;
  for (const fault of plan.faults) {
    timeline.after(fault.at, () => {
      if (timeline.now >= plan.troubleMs) return;
      trace.tell("fault", () => JSON.stringify(fault));
      classOf(fault.type).inject(cluster, fault);
    });
  }
  for (const { at, user, operation } of plan.commands) {
    timeline.after(at, () => cluster.users[user % cluster.users.length]?.do(operation));
  }
  cluster.start();
  await timeline.run(Math.min(plan.troubleMs, untilMs));
  if (timeline.now >= untilMs) return;
  cluster.heal();
  await converge(cluster, untilMs);
  if (timeline.now >= untilMs) return;
  onSettled();
  if (!(plan.lasting ?? []).some(isRestless)) await fallSilent(cluster, untilMs);
  if (timeline.now >= untilMs) return;
  await timeline.run(timeline.now + betweenTicksMs);
  cluster.checkpoint("settled");
  if (plan.ending) await bringAbout(cluster, plan.ending);
}

/** Everything is there, and nothing was written for a while. */
async function converge(cluster: SimCluster, untilMs: number): Promise<void> {
  const { timeline, oracle } = cluster;
  const deadline = Math.min(timeline.now + convergeMs, untilMs);
  // What was started before may still end by itself.
  const notBefore = cluster.plan.programs.exits > 0 ? timeline.now + longestExitMs : 0;
  const restless = (cluster.plan.lasting ?? []).some(isRestless);
  for (;;) {
    await timeline.run(Math.min(timeline.now + lookEveryMs, deadline));
    if (timeline.now >= untilMs) return;
    if (timeline.now < notBefore) continue;
    const isQuiet = restless || timeline.now - oracle.lastAt >= quietMs;
    if (isQuiet && missing(cluster, 1).length === 0) return;
    if (timeline.now < deadline) continue;
    const left = missing(cluster);
    const why = left.length > 0 ? left.join("; ") : `commits go on, the last at ${oracle.lastAt}`;
    throw new Violation("the cluster converges", `${convergeMs / 1000} s after the last fault: ${why}`);
  }
}

async function fallSilent(cluster: SimCluster, untilMs: number): Promise<void> {
  const { timeline, oracle } = cluster;
  const { commits } = oracle;
  const began = timeline.now;
  await timeline.run(Math.min(began + silenceMs, untilMs), () => oracle.commits !== commits);
  if (oracle.commits !== commits)
    throw new Violation(
      "then it falls silent",
      `a commit ${((timeline.now - began) / 1000).toFixed(1)} s after everything was as asked`,
    );
}
