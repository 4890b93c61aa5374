// What a path finds in a value. Fields that are not there are found nowhere; an index beyond the end is an error.

import { assertNever } from "../../protocol/mod.ts";
import { UsageError } from "../errors.ts";
import type { Filter, Operand, Path, Step } from "./template.ts";

/** Deeper than any object of a cluster. */
const maxDepth = 60;

/** `here` is the present value, `root` the whole one. */
export function find(path: Path, here: unknown, root: unknown = here): readonly unknown[] {
  let found: readonly unknown[] = [here];
  for (const step of path) {
    const present = found;
    // Branch by branch, each over all that was found before, as kubectl has it.
    found =
      step.type === "union"
        ? step.branches.flatMap((branch) => present.flatMap((value) => find(branch, value, root)))
        : present.flatMap((value) => take(step, value, root));
  }
  return found;
}

function take(step: Exclude<Step, { type: "union" }>, value: unknown, root: unknown): readonly unknown[] {
  switch (step.type) {
    case "root":
      return [root];
    case "field":
      return fieldOf(value, step.name);
    case "everything":
      return insides(value);
    case "descend":
      return [value, ...descendants(value, 0)];
    case "index":
      return Array.isArray(value) ? [itemAt(value, step.index)] : [];
    case "slice":
      return Array.isArray(value) ? slice(value, step) : [];
    case "filter":
      return insides(value).filter((item) => holds(step.filter, item, root));
    default:
      return assertNever(step, "step");
  }
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  if (Object.hasOwn(value, name)) return [Reflect.get(value, name)];
  // In quotes a name may hold dots; where it is no field's, kubectl reads it as a path.
  const dot = name.indexOf(".");
  if (dot <= 0) return [];
  return fieldOf(value, name.slice(0, dot)).flatMap((inner) => fieldOf(inner, name.slice(dot + 1)));
}

const insides = (value: unknown): readonly unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value) : [];

function descendants(value: unknown, depth: number): readonly unknown[] {
  if (depth > maxDepth) return [];
  return insides(value).flatMap((inner) => [inner, ...descendants(inner, depth + 1)]);
}

function itemAt(list: readonly unknown[], index: number): unknown {
  const place = index < 0 ? list.length + index : index;
  if (place >= 0 && place < list.length) return list[place];
  throw new UsageError(`array index out of bounds: index ${index}, length ${list.length}`);
}

function slice(
  list: readonly unknown[],
  { start = 0, end = list.length, step }: Extract<Step, { type: "slice" }>,
): readonly unknown[] {
  if (step < 1) throw new UsageError(`a step must be at least 1, found ${step}`);
  return list.slice(start, end).filter((_item, index) => index % step === 0);
}

function holds({ left, compare }: Filter, item: unknown, root: unknown): boolean {
  const [one, ...more] = valuesOf(left, item, root);
  if (!compare) return one !== undefined || more.length > 0;
  const [other] = valuesOf(compare.right, item, root);
  const order = orderOf(one, other);
  switch (compare.operator) {
    case "==":
      return one === other;
    case "!=":
      return one !== other;
    case "<":
      return order !== undefined && order < 0;
    case "<=":
      return order !== undefined && order <= 0;
    case ">":
      return order !== undefined && order > 0;
    case ">=":
      return order !== undefined && order >= 0;
    default:
      return assertNever(compare.operator, "operator");
  }
}

const valuesOf = (operand: Operand, item: unknown, root: unknown): readonly unknown[] =>
  operand.type === "value" ? [operand.value] : find(operand.path, item, root);

/** Numbers with numbers, texts with texts: nothing else has an order. */
function orderOf(one: unknown, other: unknown): number | undefined {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "string" && typeof other === "string") return one < other ? -1 : one > other ? 1 : 0;
  return undefined;
}
