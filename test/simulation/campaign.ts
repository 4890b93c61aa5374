// Many seeds on all cores, until time is up, someone stops it, or a seed fails.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { RunResult } from "./run.ts";

/** CPU time of all workers meanwhile: what other programs take is no failure. Far more than a run takes. */
const longestRunCpuMs = 300_000;
/** Real time, for one that waits for what never comes. */
const longestRunMs = 3_600_000;
const watchEveryMs = 10_000;

/** Messages live shortly: with more room for what is young, little of it has to be moved. */
const resourceLimits = { maxYoungGenerationSizeMb: 192 };

export interface CampaignOptions {
  readonly from: number;
  /** Seeds at most. */
  readonly count?: number;
  readonly seconds?: number;
  readonly jobs?: number;
  readonly stopAtFailure?: boolean;
  /** Ends it at once; what runs is given up. */
  readonly stop?: AbortSignal;
  readonly onResult?: (result: RunResult, totals: Totals) => void;
}

export interface Totals {
  seeds: number;
  events: number;
  virtualMs: number;
  /** Up to the moment in which everything was as asked; time by the clock, over all cores. */
  readonly troubled: { events: number; realMs: number };
  /** Of CPU, garbage collection and compilation included: what other programs on the machine do is not in it. */
  cpuMs: number;
  commits: number;
  readonly failures: RunResult[];
  readonly coverage: Coverage;
}

export async function runCampaign(options: CampaignOptions): Promise<Totals> {
  const { from, count = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = options;
  const { jobs = availableParallelism(), stopAtFailure = false, stop, onResult } = options;
  const totals: Totals = {
    seeds: 0,
    events: 0,
    virtualMs: 0,
    troubled: { events: 0, realMs: 0 },
    cpuMs: 0,
    commits: 0,
    failures: [],
    coverage: new Coverage(),
  };
  const end = performance.now() + seconds * 1000;
  const cpuBefore = process.cpuUsage();
  let next = from;
  const mayGoOn = (): boolean =>
    next < from + count &&
    performance.now() < end &&
    !(stopAtFailure && totals.failures.length > 0) &&
    !stop?.aborted;

  const take = (result: RunResult): void => {
    add(totals, result);
    const { user, system } = process.cpuUsage(cpuBefore);
    totals.cpuMs = (user + system) / 1000;
    onResult?.(result, totals);
  };
  /** Resolves with true when its worker was given up and another has to go on. */
  const work = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { resourceLimits });
      let watchdog: NodeJS.Timeout | undefined;
      const end = (more: boolean): void => {
        clearInterval(watchdog);
        stop?.removeEventListener("abort", giveUp);
        void worker.terminate().then(() => resolve(more));
      };
      const giveUp = (): void => end(false);
      stop?.addEventListener("abort", giveUp);
      const go = (): void => {
        if (!mayGoOn()) return end(false);
        const seed = next++;
        watchdog = watchOver(longestRunCpuMs * jobs, () => {
          take(hanging(seed));
          end(true);
        });
        worker.postMessage(seed);
      };
      worker.on("message", (result: RunResult) => {
        clearInterval(watchdog);
        take(result);
        go();
      });
      worker.on("error", reject);
      go();
    });
  const workOn = async (): Promise<void> => {
    while (await work());
  };
  await Promise.all(Array.from({ length: jobs }, workOn));
  return totals;
}

function watchOver(cpuMs: number, giveUp: () => void): NodeJS.Timeout {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const watchdog = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 < cpuMs && performance.now() - began < longestRunMs) return;
    clearInterval(watchdog);
    giveUp();
  }, watchEveryMs);
  return watchdog;
}

/** What never lets time go on cannot be stopped from within. */
const hanging = (seed: number): RunResult => ({
  seed,
  failure: {
    name: "a run ends",
    message: `a run ends: nothing came of it in ${longestRunCpuMs / 1000} s of CPU; its promises never rest`,
    atMs: 0,
  },
  hash: "",
  events: 0,
  virtualMs: 0,
  realMs: longestRunCpuMs,
  troubled: { events: 0, realMs: 0 },
  commits: 0,
  coverage: new Coverage().table(),
  lines: [],
});

function add(totals: Totals, result: RunResult): void {
  totals.seeds++;
  totals.events += result.events;
  totals.virtualMs += result.virtualMs;
  totals.troubled.events += result.troubled.events;
  totals.troubled.realMs += result.troubled.realMs;
  totals.commits += result.commits;
  totals.coverage.add(result.coverage);
  if (result.failure) totals.failures.push(result);
}
