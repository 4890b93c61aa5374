// JSON patches (RFC 6902), with pointers (RFC 6901): operations in order, all of them or none.

import { failure, quoteValue, type Result, success } from "../errors.ts";
import { sameValue } from "../objects/same.ts";
import { isRecord } from "../objects/structure.ts";

type Fields = Readonly<Record<string, unknown>>;

/** BadRequest for what is no operation; Invalid for one that does not fit the object, or a test that fails. */
export function jsonPatch(live: unknown, operations: readonly Fields[]): Result<unknown> {
  let value: unknown = structuredClone(live);
  for (const [index, operation] of operations.entries()) {
    const done = applyOne(value, operation);
    if (!done.ok) {
      const { code, message } = done.error;
      return failure(code, `operation ${index + 1} of the patch (${describe(operation)}): ${message}`);
    }
    value = done.value;
  }
  return success(value);
}

const describe = ({ op, path }: Fields): string => `${quoteValue(op)} ${quoteValue(path)}`;

function applyOne(root: unknown, operation: Fields): Result<unknown> {
  const { op } = operation;
  const path = pointerOf(operation["path"], "path");
  if (!path.ok) return path;
  switch (op) {
    case "add":
    case "replace":
    case "test": {
      if (!("value" in operation)) return failure("BadRequest", "it has no value");
      const { value } = operation;
      if (op === "add") return add(root, path.value, value);
      const found = find(root, path.value);
      if (!found.ok) return found;
      if (op === "replace") return replace(root, path.value, value);
      return sameValue(found.value, value)
        ? success(root)
        : failure("Invalid", `the test failed: found ${quoteValue(found.value)}`);
    }
    case "remove": {
      const removed = remove(root, path.value);
      return removed.ok ? success(removed.value.root) : removed;
    }
    case "move":
    case "copy": {
      const from = pointerOf(operation["from"], "from");
      if (!from.ok) return from;
      const found = find(root, from.value);
      if (!found.ok) return found;
      if (op === "copy") return add(root, path.value, structuredClone(found.value));
      if (isInside(path.value, from.value)) return failure("Invalid", "nothing can be moved into itself");
      const removed = remove(root, from.value);
      return removed.ok ? add(removed.value.root, path.value, removed.value.value) : removed;
    }
    default:
      return failure("BadRequest", "op must be one of add, remove, replace, move, copy, test");
  }
}

type Pointer = readonly string[];

const isInside = (path: Pointer, parent: Pointer): boolean =>
  path.length > parent.length && parent.every((step, index) => path[index] === step);

function pointerOf(text: unknown, field: string): Result<Pointer> {
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/"))) {
    return failure(
      "BadRequest",
      `${field} must be a pointer such as /spec/replicas, found ${quoteValue(text)}`,
    );
  }
  const steps = text
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (steps.includes("__proto__")) return failure("Invalid", "__proto__ is not a name that can be used");
  return success(steps);
}

const noSuch = (step: string): Result<never> => failure("Invalid", `there is no ${quoteValue(step)}`);

function indexIn(list: readonly unknown[], step: string, most: number): number | undefined {
  const index = step === "-" ? list.length : /^(0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  return index >= 0 && index <= most ? index : undefined;
}

function child(parent: unknown, step: string): Result<unknown> {
  if (Array.isArray(parent)) {
    const index = indexIn(parent, step, parent.length - 1);
    return index === undefined ? noSuch(step) : success(parent[index]);
  }
  return isRecord(parent) && Object.hasOwn(parent, step) ? success(parent[step]) : noSuch(step);
}

function find(root: unknown, path: Pointer): Result<unknown> {
  let value = root;
  for (const step of path) {
    const inner = child(value, step);
    if (!inner.ok) return inner;
    value = inner.value;
  }
  return success(value);
}

/** The values are this module's own copy, so they are changed where they stand. */
function add(root: unknown, path: Pointer, value: unknown): Result<unknown> {
  const last = path.at(-1);
  if (last === undefined) return success(value);
  const parent = find(root, path.slice(0, -1));
  if (!parent.ok) return parent;
  if (Array.isArray(parent.value)) {
    const index = indexIn(parent.value, last, parent.value.length);
    if (index === undefined) return noSuch(last);
    parent.value.splice(index, 0, value);
  } else if (isRecord(parent.value)) Reflect.set(parent.value, last, value);
  else return noSuch(last);
  return success(root);
}

function replace(root: unknown, path: Pointer, value: unknown): Result<unknown> {
  const last = path.at(-1);
  const parent = find(root, path.slice(0, -1));
  if (last === undefined || !parent.ok) return success(value);
  Reflect.set(Object(parent.value), last, value);
  return success(root);
}

function remove(root: unknown, path: Pointer): Result<{ readonly root: unknown; readonly value: unknown }> {
  const last = path.at(-1);
  if (last === undefined) return failure("Invalid", "the object itself can't be removed");
  const found = find(root, path);
  if (!found.ok) return found;
  const parent = find(root, path.slice(0, -1));
  if (!parent.ok) return parent;
  if (Array.isArray(parent.value)) parent.value.splice(Number(last), 1);
  else Reflect.deleteProperty(Object(parent.value), last);
  return success({ root, value: found.value });
}
