// How figures are printed: each beside its reference, as a ratio, with the bound that it should keep.

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: { readonly name: string; readonly value: number };
  /** Bound on value / reference, or on the value itself where there is no reference. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

/** One line of text; `kept` says whether the bound holds on this machine in this run. */
export function formatFigure(figure: Figure): { readonly text: string; readonly kept: boolean } {
  const { name, value, unit, reference, atMost, atLeast } = figure;
  const measured = reference ? value / reference.value : value;
  const kept =
    measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY);
  const parts = [`${name}: ${number(value)} ${unit}`];
  if (reference) {
    parts.push(
      `against ${number(reference.value)} ${unit} (${reference.name}): ratio ${measured.toFixed(2)}`,
    );
  }
  if (atMost !== undefined) parts.push(`at most ${atMost} ${kept ? "kept" : "MISSED"}`);
  if (atLeast !== undefined) parts.push(`at least ${number(atLeast)} ${kept ? "kept" : "MISSED"}`);
  return { text: parts.join(", "), kept };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
