// Stored quantities as numbers. They were validated before they were stored.

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** 0 for what is no quantity: evolve never fails on a stored value. */
export function quantityOf(quantity: string | number): number {
  if (typeof quantity === "number") return quantity;
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]?i?)$/.exec(quantity);
  const scale = suffixes[match?.[2] ?? ""];
  const number = Number(match?.[1]);
  return scale === undefined || Number.isNaN(number) ? 0 : number * scale;
}
