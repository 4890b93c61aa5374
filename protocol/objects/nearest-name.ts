// Which of the names that there are was meant by one that there is not: for "did you mean ...?".

/** Names that differ in more than a third of their letters are other names, not misspelt ones. */
const lettersPerSlip = 3;
/** Longer ones are not worth the time that comparing takes. */
const longestName = 60;

/** The most similar name, or undefined when none is like it. Case counts for nothing: `Containers` is `containers`. */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  if (word.length > longestName) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / lettersPerSlip)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least) continue;
    const distance = slips(lower, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Letters put in, left out, changed, or swapped with their neighbour (optimal string alignment). */
function slips(from: string, to: string): number {
  let older: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (older[column - 2] ?? 0) + 1);
      next.push(cost);
    }
    [older, last] = [last, next];
  }
  return last[to.length] ?? 0;
}
