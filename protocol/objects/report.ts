// Collects every wrong field of an object, so that a user sees all of them at once.

import type { FieldError } from "../errors.ts";

/** Errors beyond this many are counted, not listed. */
export const maxFieldErrors = 100;
/** From here on nothing is even counted: an object that is wrong in a million places must not cost a second. */
export const maxCountedErrors = 1000;

export interface Report {
  /** Ignored when this field, or one that it is part of, is known to be wrong in its shape already. */
  add(field: string, reason: FieldError["reason"], message: string): void;
  /** Wrong in its shape: nothing more is said about it or about what is inside. */
  addShape(field: string, reason: FieldError["reason"], message: string): void;
  readonly errors: readonly FieldError[];
  readonly total: number;
  /** So much is wrong that looking further is not worth it. */
  readonly full: boolean;
}

export function createReport(): Report {
  const errors: FieldError[] = [];
  const shapes = new Set<string>();
  let total = 0;
  const push = (error: FieldError): void => {
    total++;
    if (errors.length < maxFieldErrors) errors.push(error);
  };
  return {
    errors,
    get total() {
      return total;
    },
    get full() {
      return total >= maxCountedErrors;
    },
    add(field, reason, message) {
      if (total >= maxCountedErrors) return;
      const covered = shapes.has(field) || prefixes(field).some((prefix) => shapes.has(prefix));
      if (!covered) push({ field, reason, message });
    },
    addShape(field, reason, message) {
      // Beyond the limit no rule runs any more that would have to be silent.
      if (shapes.size < maxFieldErrors) shapes.add(field);
      push({ field, reason, message });
    },
  };
}

/** `a`, `a.b` and `a.b[0]` of `a.b[0].c`. */
const prefixes = (field: string): readonly string[] =>
  [...field.matchAll(/[.[]/g)].map((match) => field.slice(0, match.index));

/** `spec.containers[0]`, `metadata.labels[app.kubernetes.io/name]`. */
export const fieldPath = (parent: string, field: string): string =>
  parent === "" ? field : `${parent}.${field}`;
export const keyPath = (parent: string, key: string): string => `${parent}[${key.slice(0, 80)}]`;
