// What a bench says while it runs: a line for each thing that was measured, its values in columns.

import { numberText } from "./report.ts";

export type Report = (line: string) => void;

type Values = Readonly<Record<string, readonly [value: number, unit: string]>>;

const whatWidth = 40;
const numberWidth = 7;

/** `round 1/3, Berth                 start    5.12 s    update    9.80 s`. */
export function progressLine(what: string, values: Values): string {
  const columns = Object.entries(values).map(
    ([name, [value, unit]]) => `${name} ${numberText(value).padStart(numberWidth)} ${unit}`,
  );
  return [what.padEnd(whatWidth), ...columns].join("   ");
}
