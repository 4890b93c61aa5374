// Changes of taints as they are written: `key=value:NoSchedule`, `key:NoExecute`, and with `-` at the end to remove.

import type { Taint } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";

export type TaintChange =
  | { readonly type: "set"; readonly taint: Taint }
  /** Without an effect: all taints of the key. */
  | { readonly type: "remove"; readonly key: string; readonly effect?: string };

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

export function parseTaintChange(word: string): TaintChange {
  const removes = word.endsWith("-");
  const [left = "", effect, ...more] = (removes ? word.slice(0, -1) : word).split(":");
  const [key = "", value] = left.split("=");
  const known = effects.find((one) => one === effect);
  if (!key || more.length > 0 || (effect !== undefined && !known) || (!removes && !known)) {
    const form = `key=value:effect, key:effect, or with - at the end to remove; effects are ${effects.join(", ")}`;
    throw new UsageError(`expected ${form}; found ${JSON.stringify(word)}`);
  }
  if (removes) return { type: "remove", key, ...(known && { effect: known }) };
  return { type: "set", taint: { key, effect: known ?? "NoSchedule", ...(value && { value }) } };
}

/** Why the changes do not fit a node's taints, as kubectl sees it; undefined when they do. */
export function taintProblem(
  node: string,
  taints: readonly Taint[],
  { changes, overwrite }: { readonly changes: readonly TaintChange[]; readonly overwrite: boolean },
): string | undefined {
  const has = (key: string, effect: string | undefined): boolean =>
    taints.some((taint) => taint.key === key && (effect === undefined || taint.effect === effect));
  for (const change of changes) {
    if (change.type === "remove") {
      const { key, effect } = change;
      if (!has(key, effect)) return `taint "${key}${effect ? `:${effect}` : ""}" not found on node ${node}`;
    } else if (!overwrite && has(change.taint.key, change.taint.effect)) {
      const { key, effect } = change.taint;
      return `node ${node} already has a taint with key ${key} and effect ${effect}, and --overwrite is false`;
    }
  }
  return undefined;
}

export function applyTaintChanges(
  taints: readonly Taint[],
  changes: readonly TaintChange[],
): readonly Taint[] {
  let result = taints;
  for (const change of changes) {
    const { key, effect } = change.type === "set" ? change.taint : { effect: undefined, ...change };
    result = result.filter((taint) => taint.key !== key || (effect !== undefined && taint.effect !== effect));
    if (change.type === "set") result = [...result, change.taint];
  }
  return result;
}
