// Config maps and secrets as `berth describe` shows them. Of a secret only the sizes are shown.

import type { Stored } from "../../client/mod.ts";
import { type Field, mapLines } from "./fields.ts";

/** Of one value of a config map; the whole is what `get -o yaml` is for. */
const shownLines = 40;

export function configMapFields({
  metadata,
  data,
  binaryData,
  immutable,
}: Stored<"ConfigMap">): readonly Field[] {
  const texts = Object.entries(data ?? {}).map(([key, value]): Field => [key, textLines(value)]);
  const binary = Object.entries(binaryData ?? {}).map(([key, value]): Field => [key, sizeText(value)]);
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Immutable", immutable ? "true" : undefined],
    ["Data", { part: texts }],
    ["BinaryData", binary.length > 0 ? { part: binary } : undefined],
  ];
}

export function secretFields({ metadata, data, immutable, type }: Stored<"Secret">): readonly Field[] {
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Type", type ?? "Opaque"],
    ["Immutable", immutable ? "true" : undefined],
    ["Data", { part: Object.entries(data ?? {}).map(([key, value]): Field => [key, sizeText(value)]) }],
  ];
}

function textLines(text: string): readonly string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length <= shownLines) return lines;
  return [...lines.slice(0, shownLines), `… (${lines.length - shownLines} more lines)`];
}

const sizeText = (base64: string): string => `${Buffer.byteLength(base64, "base64")} bytes`;
