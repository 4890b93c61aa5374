// How figures are printed: each beside its reference, as a ratio, with the bound that it should keep.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `ratio` where it was taken round by round; else it is value / reference. */
  readonly reference?: { readonly name: string; readonly value: number; readonly ratio?: number };
  /** Bound on the ratio, or on the value itself where there is no reference. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What a bench comes back with: its figures, or why it could not run here. */
export type Outcome = readonly Figure[] | { readonly skipped: string };

/** Three digits, or whole. */
export const numberText = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
const bound = (value: number): string => value.toLocaleString("en");

/** One line of text; `kept` says whether the bound holds on this machine in this run. */
export function formatFigure(figure: Figure): { readonly text: string; readonly kept: boolean } {
  const { name, value, unit, reference, atMost, atLeast } = figure;
  const measured = reference ? (reference.ratio ?? value / reference.value) : value;
  const kept =
    measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY);
  const parts = [`${name}: ${numberText(value)} ${unit}`];
  if (reference) {
    parts.push(
      `against ${numberText(reference.value)} ${unit} (${reference.name}): ratio ${measured.toFixed(2)}`,
    );
  }
  if (atMost !== undefined) parts.push(`at most ${bound(atMost)}: ${kept ? "kept" : "MISSED"}`);
  if (atLeast !== undefined) parts.push(`at least ${bound(atLeast)}: ${kept ? "kept" : "MISSED"}`);
  return { text: parts.join(", "), kept };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Rounds of two things that took turns: medians of both, and the median of the rounds' own ratios, which a busy
 * moment of the machine does not tilt. */
export function paired(ours: readonly number[], theirs: readonly number[], name: string) {
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return { value: median(ours), reference: { name, value: median(theirs), ratio: median(ratios) } };
}
