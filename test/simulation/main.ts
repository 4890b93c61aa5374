// `npm run simulate`: runs seeds until stopped, or replays one. See docs/simulation.md.

import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numberGiven, programArguments, refuse } from "../support/program-arguments.ts";
import { bench } from "./bench.ts";
import { runCampaign, type Totals } from "./campaign.ts";
import { FailureKeeper } from "./failure-keeper.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { freshSeed, progressOf, replayable, reportOf, reportResult } from "./report.ts";
import { runPlan } from "./run.ts";
import { shrink } from "./shrink.ts";

const progressEveryMs = 5_000;
const shrinkRuns = 400;
const shownFailures = 5;

const usage = `Usage: npm run simulate [-- OPTIONS]

Many seeds, until stopped; exit code 1 if any fails:
  --from SEED          the first one (default: a fresh one, from the clock)
  --count N            so many seeds
  --seconds S          for so long
  --jobs J             so many at a time (default: one for each core)
  --keep FOLDER        where the plans of those that fail are kept
  --stop-at-failure    no further than the first that fails
One seed, or a kept plan:
  --seed N             replays this one
  --plan FILE          replays this plan
  --trace              with its story
  --until SECONDS      no further than this, of virtual time
  --shrink             makes its plan smaller while it fails
Figures beside their bounds; exit code 1 if one is not met:
  --bench`;

const { values } = programArguments(usage, {
  options: {
    from: { type: "string" },
    seconds: { type: "string" },
    count: { type: "string" },
    jobs: { type: "string" },
    keep: { type: "string" },
    seed: { type: "string" },
    plan: { type: "string" },
    until: { type: "string" },
    trace: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
    "stop-at-failure": { type: "boolean", default: false },
    bench: { type: "boolean", default: false },
  },
});
const whole = (option: "from" | "count" | "jobs" | "seed"): number | undefined =>
  numberGiven(usage, `--${option}`, { text: values[option], whole: true });
const seconds = (option: "seconds" | "until"): number | undefined =>
  numberGiven(usage, `--${option}`, { text: values[option] });
const seed = whole("seed");

if (values.bench) await showBench();
else if (seed !== undefined) await replay(drawPlan(seed));
else if (values.plan !== undefined) await replay(readPlan(values.plan));
else await campaign();

function readPlan(file: string): Plan {
  let read: { readonly plan?: Plan };
  try {
    read = JSON.parse(readFileSync(file, "utf8")) as typeof read;
  } catch (error) {
    return refuse(usage, `--plan takes a kept plan: ${(error as Error).message}`);
  }
  return read.plan ?? refuse(usage, `--plan takes a kept plan: ${file} has none`);
}

async function replay(plan: Plan): Promise<void> {
  let shown = plan;
  if (values.shrink) {
    shown = await shrink(plan, { runs: shrinkRuns });
    console.log(JSON.stringify({ plan: shown }));
  }
  const until = seconds("until");
  const result = await runPlan(shown, {
    told: values.trace,
    ...(until !== undefined && { untilMs: until * 1000 }),
  });
  for (const line of result.lines) console.log(line);
  console.log(reportResult(result));
  if (result.failure) process.exitCode = 1;
}

async function campaign(): Promise<void> {
  const from = whole("from") ?? freshSeed(Date.now());
  console.log(`seeds from ${from}`);
  const [count, forSeconds, jobs] = [whole("count"), seconds("seconds"), whole("jobs")];
  const began = performance.now();
  const showProgress = progressShower();
  const keeper = new FailureKeeper(values.keep ?? join(tmpdir(), "berth-simulation"));
  const totals = await runCampaign({
    from,
    ...(count !== undefined && { count }),
    ...(forSeconds !== undefined && { seconds: forSeconds }),
    ...(jobs !== undefined && { jobs }),
    stopAtFailure: values["stop-at-failure"],
    stop: stopSignal(),
    onResult(result, soFar) {
      if (result.failure) console.log(`${replayable(result)}\n  kept as ${keeper.keep(result)}`);
      showProgress(soFar);
    },
  });
  console.log(reportOf(totals, performance.now() - began));
  for (const failure of totals.failures.slice(0, shownFailures)) console.log(replayable(failure));
  if (totals.failures.length === 0) return;
  process.exitCode = 1;
  console.log(`their plans are being made smaller, in ${keeper.folder}`);
  await keeper.done();
}

/** Whoever stops a campaign is told what came of it; whoever stops it again only ends it. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}

/** A line now and then, from now on. */
function progressShower(): (totals: Totals) => void {
  const began = performance.now();
  let shownAt = began;
  return (totals) => {
    const now = performance.now();
    if (now - shownAt < progressEveryMs) return;
    shownAt = now;
    console.log(progressOf(totals, now - began));
  };
}

async function showBench(): Promise<void> {
  let isMet = true;
  for await (const figure of bench(freshSeed(Date.now()), progressShower)) {
    isMet &&= figure.isMet;
    console.log(`${figure.isMet ? "met    " : "NOT MET"} ${figure.text}`);
  }
  if (!isMet) process.exitCode = 1;
}
