// Changes of labels and annotations as they are written: `key=value` sets, `key-` removes.

import { isLabelValue, isQualifiedName, labelKeySyntax, labelValueSyntax } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";

export interface KeyChanges {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: ReadonlySet<string>;
}

/** No kind and no name has an equals sign; a key that can't be one is told as such. */
const isChange = (word: string): boolean => word.indexOf("=") > 0 || /^[^=\s/][^=\s]*-$/.test(word);

/** Takes the words apart: objects first, changes after them. */
export function splitChanges(args: readonly string[]): {
  readonly objects: readonly string[];
  readonly changes: KeyChanges;
} {
  const first = args.findIndex((word) => isChange(word));
  const objects = first === -1 ? args : args.slice(0, first);
  return { objects, changes: parseChanges(first === -1 ? [] : args.slice(first)) };
}

export function parseChanges(words: readonly string[]): KeyChanges {
  const set = new Map<string, string>();
  const remove = new Set<string>();
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals > 0) set.set(word.slice(0, equals), word.slice(equals + 1));
    else if (word.endsWith("-") && word.length > 1) remove.add(word.slice(0, -1));
    else throw new UsageError(`expected key=value to set or key- to remove, found ${JSON.stringify(word)}`);
  }
  for (const key of [...set.keys(), ...remove]) {
    if (!isQualifiedName(key.toLowerCase())) {
      throw new UsageError(
        `${JSON.stringify(key)} is no key of labels or annotations: it must be ${labelKeySyntax}`,
      );
    }
  }
  for (const key of set.keys()) {
    if (remove.has(key)) throw new UsageError(`${JSON.stringify(key)} is both set and removed`);
  }
  return { set, remove };
}

/** A merge patch with what differs from the present values; undefined when nothing does. */
export function patchOf(
  present: Readonly<Record<string, string>>,
  { set, remove }: KeyChanges,
): Readonly<Record<string, string | null>> | undefined {
  const patch: Record<string, string | null> = {};
  for (const [key, value] of set) if (present[key] !== value) patch[key] = value;
  for (const key of remove) if (key in present) patch[key] = null;
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** A sentence about the first key that has another value already; undefined when there is none. */
export function clash(present: Readonly<Record<string, string>>, { set }: KeyChanges): string | undefined {
  for (const [key, value] of set) {
    const found = present[key];
    if (found !== undefined && found !== value) {
      return `'${key}' already has a value (${found}), and --overwrite is false`;
    }
  }
  return undefined;
}

/** `a=b,c=d`, as flags take labels. */
export function parseLabels(flag: string, text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const word of text.split(",").filter(Boolean)) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`${flag} takes key=value,…; found ${JSON.stringify(word)}`);
    labels[word.slice(0, at)] = word.slice(at + 1);
  }
  return labels;
}

/** Annotations take any text. */
export function checkLabelValues({ set }: KeyChanges): void {
  for (const [key, value] of set) {
    if (isLabelValue(value)) continue;
    throw new UsageError(
      `${JSON.stringify(value)} is no value for the label ${key}: it must be ${labelValueSyntax}`,
    );
  }
}
