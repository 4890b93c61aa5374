// Kubernetes quantities ("250m", "1.5Gi", "1e3") with exact arithmetic in billionths.
// Parsed once, at the edge; inside, amounts are numbers with their unit in the name.
// Source of the grammar and of the canonical form: k8s.io/apimachinery/pkg/api/resource.

import { failure, quoteValue, type Result, success } from "./errors.ts";

/** How it was written; `formatQuantity` keeps the family. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** The amount in billionths. Finer amounts are rounded away from zero, as Kubernetes does. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

export interface QuantityOptions {
  /** Negative amounts are refused unless this is set. */
  readonly allowNegative?: boolean;
}

/** Longest text that is looked at; the longest sensible one is about 25. */
export const maxQuantityLength = 64;
/** Largest magnitude, 2^63-1 as in Kubernetes; there larger ones are silently capped, here they are refused. */
export const maxQuantity = 2n ** 63n - 1n;

const nanosPerUnit = 10n ** 9n;
const nanosPerMilli = 10n ** 6n;
const maxExponent = 40;

/** Suffix -> power of ten. */
const decimalSuffixes = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const grammar = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d+)|([a-zA-Z]*))$/;

/** Parses text or a plain number. `Invalid` says what was found and which forms are taken. */
export function parseQuantity(value: unknown, options: QuantityOptions = {}): Result<Quantity> {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== "string") return wrong(value, "expected a quantity such as 500m, 2 or 128Mi");
  if (text.length > maxQuantityLength) {
    return wrong(text.slice(0, 20), `a quantity has at most ${maxQuantityLength} characters`);
  }
  const match = grammar.exec(text);
  const [, sign, whole = "", fraction = "", exponentMark, exponentText, suffix = ""] = match ?? [];
  if (!match || (whole === "" && fraction === "")) {
    return wrong(text, "expected a number with an optional suffix, such as 500m, 2 or 128Mi");
  }
  const scale = scaleOf(exponentMark === undefined ? suffix : undefined, exponentText);
  if (!scale) {
    const known = [...decimalSuffixes.keys(), ...binarySuffixes].filter((name) => name !== "").join(" ");
    return wrong(text, `the suffix must be one of ${known}, or an exponent such as e3`);
  }
  const magnitude = scaled(BigInt(whole + fraction), scale, fraction.length);
  if (magnitude > maxQuantity * nanosPerUnit) return wrong(text, "a quantity is at most 2^63-1");
  const nano = sign === "-" ? -magnitude : magnitude;
  if (nano < 0n && !options.allowNegative) return wrong(text, "must not be negative");
  return success({ nano, format: scale.format });
}

interface Scale {
  readonly format: QuantityFormat;
  readonly power10: number;
  readonly power1024: number;
}

function scaleOf(suffix: string | undefined, exponentText: string | undefined): Scale | undefined {
  if (suffix === undefined) {
    const power10 = Number(exponentText);
    return Math.abs(power10) <= maxExponent
      ? { format: "DecimalExponent", power10, power1024: 0 }
      : undefined;
  }
  const power10 = decimalSuffixes.get(suffix);
  if (power10 !== undefined) return { format: "DecimalSI", power10, power1024: 0 };
  const index = binarySuffixes.indexOf(suffix);
  return index < 0 ? undefined : { format: "BinarySI", power10: 0, power1024: index + 1 };
}

/** digits * 10^(power10 + 9 - decimals) * 1024^power1024, rounded up. */
function scaled(digits: bigint, scale: Scale, decimals: number): bigint {
  const power = scale.power10 + 9 - decimals;
  const amount = digits * 1024n ** BigInt(scale.power1024);
  return power >= 0 ? amount * 10n ** BigInt(power) : divideUp(amount, 10n ** BigInt(-power));
}

/** Rounds away from zero. */
function divideUp(amount: bigint, by: bigint): bigint {
  const quotient = amount / by;
  if (quotient * by === amount) return quotient;
  return amount < 0n ? quotient - 1n : quotient + 1n;
}

const wrong = (found: unknown, expected: string): Result<never> =>
  failure("Invalid", `${quoteValue(found)} is not a valid quantity: ${expected}`);

/** Beyond 2^53 the largest safe integer: such an amount fits nowhere either way. */
function toSafeNumber(amount: bigint): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(amount > limit ? limit : amount < -limit ? -limit : amount);
}

/** Thousandths of a core, rounded up. */
export const cpuMilli = (quantity: Quantity): number => toSafeNumber(divideUp(quantity.nano, nanosPerMilli));
/** Whole bytes (or units of anything that is counted), rounded up. */
export const bytes = (quantity: Quantity): number => toSafeNumber(divideUp(quantity.nano, nanosPerUnit));

/** Both steps at once, for manifests: `parseCpuMilli("250m")` is 250. */
export function parseCpuMilli(value: unknown): Result<number> {
  const quantity = parseQuantity(value);
  return quantity.ok ? success(cpuMilli(quantity.value)) : quantity;
}
export function parseBytes(value: unknown): Result<number> {
  const quantity = parseQuantity(value);
  return quantity.ok ? success(bytes(quantity.value)) : quantity;
}

export const compareQuantities = (a: Quantity, b: Quantity): number =>
  a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;

/** The canonical text: the largest suffix that leaves no fraction. Parsing it gives the same amount again. */
export function formatQuantity(quantity: Quantity): string {
  const { nano, format } = quantity;
  if (nano === 0n) return "0";
  const magnitude = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? "-" : "";
  if (format === "BinarySI" && magnitude >= 1024n * nanosPerUnit && magnitude % nanosPerUnit === 0n) {
    return sign + formatBinary(magnitude / nanosPerUnit);
  }
  let mantissa = magnitude;
  let power = -9;
  while (mantissa % 1000n === 0n && power < 18) {
    mantissa /= 1000n;
    power += 3;
  }
  if (format === "DecimalExponent") return `${sign}${mantissa}${power === 0 ? "" : `e${power}`}`;
  const suffix = [...decimalSuffixes].find(([, power10]) => power10 === power)?.[0] ?? "";
  return `${sign}${mantissa}${suffix}`;
}

function formatBinary(units: bigint): string {
  let mantissa = units;
  let index = -1;
  while (mantissa % 1024n === 0n && index < binarySuffixes.length - 1) {
    mantissa /= 1024n;
    index++;
  }
  return `${mantissa}${binarySuffixes[index] ?? ""}`;
}

/** 250 -> "250m", 2000 -> "2". */
export const formatCpuMilli = (milli: number): string =>
  formatQuantity({ nano: BigInt(Math.round(milli)) * nanosPerMilli, format: "DecimalSI" });
/** 134217728 -> "128Mi". */
export const formatBytes = (count: number): string =>
  formatQuantity({ nano: BigInt(Math.round(count)) * nanosPerUnit, format: "BinarySI" });
