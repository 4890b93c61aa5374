// Collects every wrong field of an object, so that a user sees all of them at once.

import type { FieldError } from "../errors.ts";

/** Errors beyond this many are counted, not listed. */
export const maxFieldErrors = 100;

export interface Report {
  /** Ignored when this field, or one that it is part of, is known to be wrong in its shape already. */
  add(field: string, reason: FieldError["reason"], message: string): void;
  /** Wrong in its shape: nothing more is said about it or about what is inside. */
  addShape(field: string, reason: FieldError["reason"], message: string): void;
  readonly errors: readonly FieldError[];
  readonly total: number;
}

export function createReport(): Report {
  const errors: FieldError[] = [];
  const shapes: string[] = [];
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
    add(field, reason, message) {
      const covered = shapes.some(
        (shape) => field === shape || (field.startsWith(shape) && /[.[]/.test(field.charAt(shape.length))),
      );
      if (!covered) push({ field, reason, message });
    },
    addShape(field, reason, message) {
      if (shapes.length < maxFieldErrors) shapes.push(field);
      push({ field, reason, message });
    },
  };
}

/** `spec.containers[0]`, `metadata.labels[app.kubernetes.io/name]`. */
export const fieldPath = (parent: string, field: string): string =>
  parent === "" ? field : `${parent}.${field}`;
export const keyPath = (parent: string, key: string): string => `${parent}[${key.slice(0, 80)}]`;
