// Amounts of pods as manifests have them: a number, or a share of the wanted number.

export type Amount = number | string | undefined;

export const amountOf = (amount: Amount, wanted: number, round: (value: number) => number): number => {
  const percent = typeof amount === "string" ? /^(\d+)%$/.exec(amount) : undefined;
  return percent ? round((Number(percent[1]) * wanted) / 100) : Number(amount ?? 0);
};
