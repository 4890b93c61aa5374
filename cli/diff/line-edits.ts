// The shortest way from one list of lines to another, after Myers ("An O(ND) Difference Algorithm", 1986).

export interface Edit {
  readonly type: "same" | "removed" | "added";
  readonly line: string;
}

/** Beyond so many differences the rest is shown as replaced: objects are small, and time is bounded. */
const maxDifferences = 2000;

export function lineEdits(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const start = commonStart(before, after);
  const end = commonEnd(before.slice(start), after.slice(start));
  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  return [
    ...before.slice(0, start).map(same),
    ...(trace(removed, added) ?? replaced(removed, added)),
    ...before.slice(before.length - end).map(same),
  ];
}

const same = (line: string): Edit => ({ type: "same", line });
const replaced = (removed: readonly string[], added: readonly string[]): readonly Edit[] => [
  ...removed.map((line): Edit => ({ type: "removed", line })),
  ...added.map((line): Edit => ({ type: "added", line })),
];

function commonStart(one: readonly string[], other: readonly string[]): number {
  const most = Math.min(one.length, other.length);
  for (let index = 0; index < most; index++) if (one[index] !== other[index]) return index;
  return most;
}
const commonEnd = (one: readonly string[], other: readonly string[]): number =>
  commonStart(one.toReversed(), other.toReversed());

/** Undefined when there are too many differences. */
function trace(before: readonly string[], after: readonly string[]): readonly Edit[] | undefined {
  const most = Math.min(before.length + after.length, maxDifferences);
  /** Diagonal -> how far into `before` one comes with so many differences; one map for each number of them. */
  const reached: Map<number, number>[] = [];
  let last = new Map([[1, 0]]);
  for (let differences = 0; differences <= most; differences++) {
    const next = new Map(last);
    reached.push(last);
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = furthest(last, diagonal, differences);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack(reached, before, after);
    }
    last = next;
  }
  return undefined;
}

const isDown = (known: ReadonlyMap<number, number>, diagonal: number, differences: number): boolean =>
  diagonal === -differences ||
  (diagonal !== differences && (known.get(diagonal - 1) ?? 0) < (known.get(diagonal + 1) ?? 0));

const furthest = (known: ReadonlyMap<number, number>, diagonal: number, differences: number): number =>
  isDown(known, diagonal, differences) ? (known.get(diagonal + 1) ?? 0) : (known.get(diagonal - 1) ?? 0) + 1;

function walkBack(
  reached: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [before.length, after.length];
  for (let differences = reached.length - 1; differences >= 0; differences--) {
    const known = reached[differences] ?? new Map<number, number>();
    const diagonal = x - y;
    const from = isDown(known, diagonal, differences) ? diagonal + 1 : diagonal - 1;
    const startX = known.get(from) ?? 0;
    const startY = startX - from;
    while (x > startX && y > startY && x > 0 && y > 0) {
      edits.push(same(before[--x] ?? ""));
      y--;
    }
    if (differences === 0) break;
    if (x === startX) edits.push({ type: "added", line: after[--y] ?? "" });
    else edits.push({ type: "removed", line: before[--x] ?? "" });
  }
  return edits.toReversed();
}
