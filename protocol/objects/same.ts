// Compares plain values and names what differs, as paths such as `spec.containers[0].image`.

import { fieldPath, keyPath } from "./report.ts";
import { isRecord } from "./structure.ts";

/** Paths that are named at most; beyond it the list ends. */
export const maxChangedFields = 100;

/** Deep equality of plain values; undefined fields count as absent. */
export const sameValue = (a: unknown, b: unknown): boolean => a === b || changedFields(a, b, 1).length === 0;

/** Where two plain values differ; the empty path is the value itself. */
export function changedFields(a: unknown, b: unknown, limit = maxChangedFields): readonly string[] {
  const paths: string[] = [];
  compare(a, b, "", paths, limit);
  return paths;
}

function compare(a: unknown, b: unknown, path: string, paths: string[], limit: number): void {
  if (a === b || paths.length >= limit) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      compare(a[index], b[index], `${path}[${index}]`, paths, limit);
    }
  } else if (isRecord(a) && isRecord(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const at = /^[A-Za-z0-9_-]*$/.test(key) ? fieldPath(path, key) : keyPath(path, key);
      compare(own(a, key), own(b, key), at, paths, limit);
    }
  } else paths.push(path);
}

const own = (value: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;
