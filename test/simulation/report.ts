// What a run or a campaign has to say, as text.

import type { Totals } from "./campaign.ts";
import { faultClasses } from "./faults/all.ts";
import type { RunResult } from "./run.ts";

export function reportResult({ seed, failure, hash, events, virtualMs, realMs, commits }: RunResult): string {
  const times = `${(virtualMs / 1000).toFixed(1)} s of virtual time in ${Math.round(realMs)} ms, ${events} events, ${commits} commits, trace ${hash}`;
  if (!failure) return `seed ${seed} holds: ${times}`;
  return `seed ${seed} FAILS at ${(failure.atMs / 1000).toFixed(3)} s: ${failure.message}\n  ${times}`;
}

/** With the command that shows it again. */
export const replayable = (result: RunResult): string =>
  `${reportResult(result)}\n  npm run simulate -- --seed ${result.seed} --trace`;

/** A seed that nobody has tried, from the wall clock. */
export const freshSeed = (now: number): number => Math.floor(now / 1000) % 1_000_000_000;

export function progressOf({ seeds, events, cpuMs, failures, coverage }: Totals, realMs: number): string {
  const fired = faultClasses.map(({ type }) => timesFired(coverage.faults, type));
  const classes = fired.filter((times) => times > 0).length;
  return [
    `${Math.round(realMs / 1000)} s: ${seeds} seeds, ${failures.length} failed`,
    `${fired.reduce((sum, times) => sum + times, 0)} faults of ${classes} classes (of ${fired.length})`,
    `${events} events, ${perSecond(events, cpuMs)} a second of CPU`,
  ].join("; ");
}

const perSecond = (count: number, ms: number): number => Math.round((count / Math.max(1, ms)) * 1000);

export function reportOf(totals: Totals, realMs: number): string {
  const { seeds, events, virtualMs, cpuMs, commits, failures, coverage } = totals;
  const lines = [
    `${seeds} seeds in ${Math.round(realMs / 1000)} s, ${failures.length} failed; ${events} events (${perSecond(events, cpuMs)} a second of CPU), ${Math.round(virtualMs / 3_600_000)} h of virtual time, ${commits} commits`,
    `faults: ${table(coverage.faults)}`,
    `events: ${table(coverage.events)}`,
    `answers: ${table(coverage.answers)}`,
    `also: ${table(coverage.marks)}`,
  ];
  const never = faultClasses
    .map(({ type }) => type)
    .filter((type) => timesFired(coverage.faults, type) === 0);
  if (never.length > 0) lines.push(`never fired: ${never.join(", ")}`);
  return lines.join("\n");
}

/** Noise counts by what it does to messages. */
const noiseNames: Readonly<Record<string, string>> = {
  "noise-lose": "lose",
  "noise-double": "double",
  "noise-late": "late",
  "noise-slow": "slow",
  "noise-append": "append-lost",
};
export const timesFired = (fired: ReadonlyMap<string, number>, type: string): number =>
  fired.get(noiseNames[type] ?? type) ?? 0;

const table = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort((one, other) => other[1] - one[1])
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
