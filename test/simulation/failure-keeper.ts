// Failing seeds of a campaign as files that can be moved into seeds/: the plan whole at once, then shrunk, one after
// the other beside the campaign. Whoever stops it in between has the smallest plan so far.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { drawPlan, type Plan } from "./plan.ts";
import type { RunResult } from "./run.ts";

/** A campaign in which everything fails has one cause: the others are kept as they are. */
const mostShrunk = 5;
/** Real time for one plan. */
const longestShrinkMs = 600_000;

export class FailureKeeper {
  readonly folder: string;
  #taken = 0;
  #shrinking: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Says where it is kept. */
  keep(result: RunResult): string {
    mkdirSync(this.folder, { recursive: true });
    const { seed, failure } = result;
    const file = join(this.folder, `${seed}.json`);
    const plan = drawPlan(seed);
    const save = (smaller: Plan): void =>
      writeFileSync(
        file,
        `${JSON.stringify({ note: failure?.message ?? "", plan: smaller }, undefined, 2)}\n`,
      );
    save(plan);
    // What never rests cannot be tried again and again.
    if (result.hash !== "" && ++this.#taken <= mostShrunk)
      this.#shrinking = this.#shrinking.then(() => shrinkApart(plan, save));
    return file;
  }

  /** Resolves when the last one is as small as it gets. */
  done(): Promise<void> {
    return this.#shrinking;
  }
}

function shrinkApart(plan: Plan, save: (smaller: Plan) => void): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./shrink-worker.ts", import.meta.url));
    const end = (): void => void worker.terminate().then(() => resolve());
    const watchdog = setTimeout(end, longestShrinkMs);
    const over = (): void => {
      clearTimeout(watchdog);
      end();
    };
    worker.on("message", (smaller: Plan | "done") => {
      if (smaller === "done") over();
      else save(smaller);
    });
    worker.on("error", over);
    worker.postMessage(plan);
  });
}
