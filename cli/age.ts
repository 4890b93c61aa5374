// Durations as kubectl writes them: the two largest units where that says more.
// Source: k8s.io/apimachinery/pkg/util/duration HumanDuration.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

interface Step {
  /** Below this many seconds, written in `unit`, and its rest in `rest`. */
  readonly below: number;
  readonly unit: readonly [number, string];
  readonly rest?: readonly [number, string];
}
const steps: readonly Step[] = [
  { below: 2 * minute, unit: [1, "s"] },
  { below: 10 * minute, unit: [minute, "m"], rest: [1, "s"] },
  { below: 3 * hour, unit: [minute, "m"] },
  { below: 8 * hour, unit: [hour, "h"], rest: [minute, "m"] },
  { below: 2 * day, unit: [hour, "h"] },
  { below: 8 * day, unit: [day, "d"], rest: [hour, "h"] },
  { below: 2 * year, unit: [day, "d"] },
  { below: 8 * year, unit: [year, "y"], rest: [day, "d"] },
];

export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  // Clocks of two machines differ a little.
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const step = steps.find(({ below }) => seconds < below) ?? { unit: [year, "y"] as const, rest: undefined };
  const [size, letter] = step.unit;
  const main = `${Math.floor(seconds / size)}${letter}`;
  if (!step.rest) return main;
  const [restSize, restLetter] = step.rest;
  const rest = Math.floor((seconds % size) / restSize);
  return rest === 0 ? main : `${main}${rest}${restLetter}`;
}

/** Age of something that began at `time` (RFC 3339 or ms since 1970). */
export function ageOf(time: string | number | undefined, now: number): string {
  if (time === undefined) return "<unknown>";
  const began = typeof time === "number" ? time : Date.parse(time);
  return Number.isNaN(began) ? "<unknown>" : humanDuration(now - began);
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90`, `90s`, `1m30s`, `500ms`, `2h`; undefined for anything else. Bare numbers are seconds. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (units[unit ?? ""] ?? 0);
  }
  return total;
}
