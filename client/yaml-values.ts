// Turns parsed YAML into plain values that JSON could hold too, and reports what it could not: duplicate keys,
// anchors and aliases, numbers that are none, keys that are no text.

import { isAlias, isMap, isPair, isScalar, isSeq, type Scalar, type YAMLMap } from "yaml";

export type Report = (message: string, offset: number) => void;

export class PlainReader {
  readonly #maxDepth: number;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** The value; whatever was reported stands in it as null. */
  read(node: unknown, report: Report, depth = 0): unknown {
    if (depth > this.#maxDepth) {
      report(`nested deeper than ${this.#maxDepth}`, offsetOf(node));
      return null;
    }
    if (isAlias(node)) {
      report(`alias *${node.source} is not allowed; write the value out`, offsetOf(node));
      return null;
    }
    if (isMap(node)) return this.#map(node, report, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item, report, depth + 1));
    if (isScalar(node)) return scalar(node, report);
    return null;
  }

  #map(node: YAMLMap, report: Report, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = keyText(pair.key);
      const at = offsetOf(pair.key);
      if (key === undefined) report("a key must be a text", at);
      else if (key === "__proto__") report("a key may not be __proto__", at);
      else if (seen.has(key)) report(`key ${JSON.stringify(key)} stands here twice`, at);
      else {
        seen.add(key);
        result[key] = this.read(pair.value, report, depth + 1);
      }
    }
    return result;
  }
}

/** `1: x` has the key "1", as in JSON; a null or a compound key has none. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === "string") return key.value;
  if (typeof key.value === "number" || typeof key.value === "boolean") return key.source ?? String(key.value);
  return undefined;
}

function scalar(node: Scalar, report: Report): unknown {
  const { value } = node;
  if (typeof value === "number") {
    const shown = node.source ?? String(value);
    if (!Number.isFinite(value)) report(`${shown} is no number that can be stored`, offsetOf(node));
    else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      report(
        `${shown} is beyond the whole numbers that can be stored exactly; quote it if it is a text`,
        offsetOf(node),
      );
    }
    return value;
  }
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  report(`a value of type ${node.tag ?? typeof value} can't be stored`, offsetOf(node));
  return null;
}

function offsetOf(node: unknown): number {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0] ?? 0;
  return 0;
}
