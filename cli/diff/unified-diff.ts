// Two texts as a unified diff, as `diff -u -N` writes it, with colours where asked.

import type { Style } from "../style.ts";
import { type Edit, lineEdits } from "./line-edits.ts";

/** Unchanged lines around each change. */
const contextLines = 3;

export interface Compared {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Empty when the texts are the same. */
export function unifiedDiff({ name, before, after }: Compared, style: Style): string {
  if (before === after) return "";
  const edits = lineEdits(linesOf(before), linesOf(after));
  const hunks = hunksOf(edits).map((hunk) => renderHunk(edits, hunk, style));
  return [style.bold(`--- live/${name}\n+++ merged/${name}`), ...hunks].map((text) => `${text}\n`).join("");
}

const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

interface Hunk {
  /** Places among the edits, the end not included. */
  readonly from: number;
  readonly to: number;
}

function hunksOf(edits: readonly Edit[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { type }] of edits.entries()) {
    if (type === "same") continue;
    const from = Math.max(0, index - contextLines);
    const to = Math.min(edits.length, index + contextLines + 1);
    const last = hunks.at(-1);
    if (last && from <= last.to) hunks[hunks.length - 1] = { from: last.from, to };
    else hunks.push({ from, to });
  }
  return hunks;
}

function renderHunk(edits: readonly Edit[], { from, to }: Hunk, style: Style): string {
  const count = (part: readonly Edit[], without: Edit["type"]): number =>
    part.filter(({ type }) => type !== without).length;
  const [earlier, inside] = [edits.slice(0, from), edits.slice(from, to)];
  const range = (without: Edit["type"]): string => {
    const length = count(inside, without);
    const start = count(earlier, without) + (length === 0 ? 0 : 1);
    return length === 1 ? String(start) : `${start},${length}`;
  };
  const head = style.cyan(`@@ -${range("added")} +${range("removed")} @@`);
  return [head, ...inside.map((edit) => renderEdit(edit, style))].join("\n");
}

function renderEdit({ type, line }: Edit, style: Style): string {
  if (type === "added") return style.green(`+${line}`);
  return type === "removed" ? style.red(`-${line}`) : ` ${line}`;
}
