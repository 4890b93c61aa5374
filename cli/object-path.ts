// A simple path into an object, as `--sort-by` takes it: `.metadata.name`, `{.status.startTime}`, `.spec.containers[0].image`,
// `.metadata.labels['app.kubernetes.io/name']`.

import { UsageError } from "./errors.ts";

export type ObjectPath = readonly (string | number)[];

const step = /^(?:\.([^.[\]{}]+)|\[(\d+)\]|\['([^']*)'\])/;

export function parsePath(text: string): ObjectPath {
  const inner = text.replace(/^\{(.*)\}$/, "$1");
  let rest = inner.startsWith(".") || inner.startsWith("[") ? inner : `.${inner}`;
  const path: (string | number)[] = [];
  while (rest !== "") {
    const found = step.exec(rest);
    if (!found) throw new UsageError(`expected a path such as .metadata.name, found ${JSON.stringify(text)}`);
    const [all, name, index, quoted] = found;
    path.push(index === undefined ? (name ?? quoted ?? "") : Number(index));
    rest = rest.slice(all.length);
  }
  return path;
}

export function valueAt(object: unknown, path: ObjectPath): unknown {
  let value = object;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Numbers by size, all else by its text; what is absent comes first. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
