// Many seeds on all cores, until time is up, someone stops it, or a seed fails.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { RunResult } from "./run.ts";

export interface CampaignOptions {
  readonly from: number;
  /** Seeds at most. */
  readonly count?: number;
  readonly seconds?: number;
  readonly jobs?: number;
  readonly stopAtFailure?: boolean;
  readonly onResult?: (result: RunResult, totals: Totals) => void;
}

export interface Totals {
  seeds: number;
  events: number;
  virtualMs: number;
  /** Spent in runs, over all cores. */
  busyMs: number;
  commits: number;
  readonly failures: RunResult[];
  readonly coverage: Coverage;
}

export async function runCampaign(options: CampaignOptions): Promise<Totals> {
  const { from, count = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = options;
  const { jobs = availableParallelism(), stopAtFailure = false, onResult } = options;
  const totals: Totals = {
    seeds: 0,
    events: 0,
    virtualMs: 0,
    busyMs: 0,
    commits: 0,
    failures: [],
    coverage: new Coverage(),
  };
  const end = performance.now() + seconds * 1000;
  let next = from;
  const mayGoOn = (): boolean =>
    next < from + count && performance.now() < end && !(stopAtFailure && totals.failures.length > 0);

  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url));
      const go = (): void => {
        if (mayGoOn()) worker.postMessage(next++);
        else void worker.terminate().then(() => resolve());
      };
      worker.on("message", (result: RunResult) => {
        add(totals, result);
        onResult?.(result, totals);
        go();
      });
      worker.on("error", reject);
      go();
    });
  await Promise.all(Array.from({ length: jobs }, work));
  return totals;
}

function add(totals: Totals, result: RunResult): void {
  totals.seeds++;
  totals.events += result.events;
  totals.virtualMs += result.virtualMs;
  totals.busyMs += result.realMs;
  totals.commits += result.commits;
  totals.coverage.add(result.coverage);
  if (result.failure) totals.failures.push(result);
}
