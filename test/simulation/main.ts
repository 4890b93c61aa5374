// `npm run simulate`: runs seeds until stopped, or replays one. See docs/simulation.md.
//   -- --from SEED [--seconds S] [--count N] [--jobs J] [--keep FOLDER]
//                                                         many seeds; exit code 1 if any fails, their plans are kept
//   -- --seed N [--trace] [--until SECONDS] [--shrink]    one seed, with its story
//   -- --plan FILE [--trace]                              a kept plan
//   -- --bench                                            figures beside their bounds; exit code 1 if one is not met

import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bench } from "./bench.ts";
import { runCampaign, type Totals } from "./campaign.ts";
import { FailureKeeper } from "./failure-keeper.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { freshSeed, replayable, reportOf, reportResult } from "./report.ts";
import { runPlan } from "./run.ts";
import { shrink } from "./shrink.ts";

const progressEveryMs = 5_000;
const shrinkRuns = 400;
const shownFailures = 5;

const { values } = parseArgs({
  // npm passes what stands behind `--`; without npm the sign itself comes along.
  args: process.argv.slice(process.argv[2] === "--" ? 3 : 2),
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

if (values.bench) await showBench();
else if (values.seed !== undefined) await replay(drawPlan(Number(values.seed)));
else if (values.plan !== undefined)
  await replay((JSON.parse(readFileSync(values.plan, "utf8")) as { plan: Plan }).plan);
else await campaign();

async function replay(plan: Plan): Promise<void> {
  let shown = plan;
  if (values.shrink) {
    shown = await shrink(plan, { runs: shrinkRuns });
    console.log(JSON.stringify({ plan: shown }));
  }
  const untilMs = values.until === undefined ? {} : { untilMs: Number(values.until) * 1000 };
  const result = await runPlan(shown, { told: values.trace, ...untilMs });
  for (const line of result.lines) console.log(line);
  console.log(reportResult(result));
  if (result.failure) process.exitCode = 1;
}

async function campaign(): Promise<void> {
  const from = values.from === undefined ? freshSeed(Date.now()) : Number(values.from);
  console.log(`seeds from ${from}`);
  const began = performance.now();
  let shownAt = began;
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const [count, seconds, jobs] = [number(values.count), number(values.seconds), number(values.jobs)];
  const keeper = new FailureKeeper(values.keep ?? join(tmpdir(), "berth-simulation"));
  const totals = await runCampaign({
    from,
    ...(count !== undefined && { count }),
    ...(seconds !== undefined && { seconds }),
    ...(jobs !== undefined && { jobs }),
    stopAtFailure: values["stop-at-failure"],
    onResult(result, soFar) {
      if (result.failure) console.log(`${replayable(result)}\n  kept as ${keeper.keep(result)}`);
      if (performance.now() - shownAt < progressEveryMs) return;
      shownAt = performance.now();
      console.log(progress(soFar, performance.now() - began));
    },
  });
  console.log(reportOf(totals, performance.now() - began));
  for (const failure of totals.failures.slice(0, shownFailures)) console.log(replayable(failure));
  if (totals.failures.length === 0) return;
  process.exitCode = 1;
  console.log(`their plans are being made smaller, in ${keeper.folder}`);
  await keeper.done();
}

function progress({ seeds, events, cpuMs, failures }: Totals, realMs: number): string {
  const rate = Math.round((events / Math.max(1, cpuMs)) * 1000);
  return `${Math.round(realMs / 1000)} s: ${seeds} seeds, ${failures.length} failed, ${events} events, ${rate} a second of CPU`;
}

async function showBench(): Promise<void> {
  let isMet = true;
  for await (const figure of bench(freshSeed(Date.now()))) {
    isMet &&= figure.isMet;
    console.log(`${figure.isMet ? "met    " : "NOT MET"} ${figure.text}`);
  }
  if (!isMet) process.exitCode = 1;
}
