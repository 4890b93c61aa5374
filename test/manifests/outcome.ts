// What applying an application comes to, in a form that can be compared: warnings without places.

import type { Ran } from "../support/run-program.ts";

export interface Outcome {
  readonly code: number | null;
  /** Lines that are neither warnings nor empty. */
  readonly errors: readonly string[];
  /** How often each kind was left out. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** How often each other warning was given, without the object's name. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** Places in `folder` are told from there on. */
export function outcomeOf({ code, err }: Ran, folder: string): Outcome {
  const lines = err
    .replaceAll(`${folder}/`, "")
    .split("\n")
    .filter((line) => line !== "");
  const leftOut: Record<string, number> = {};
  const warnings: Record<string, number> = {};
  const errors: string[] = [];
  for (const line of lines) {
    const text = /^Warning: (.*)$/.exec(line)?.[1];
    const kind = / is left out \(/.test(line) ? text?.split(" ")[0] : undefined;
    if (text === undefined) errors.push(line);
    else if (kind !== undefined) leftOut[kind] = (leftOut[kind] ?? 0) + 1;
    else warnings[text] = (warnings[text] ?? 0) + 1;
  }
  return { code, errors, leftOut, warnings };
}
