import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, cpuMilli, formatBytes, formatCpuMilli, formatQuantity, parseQuantity } from "./quantity.ts";
import { unwrap } from "./errors.ts";

const parse = (value: unknown) => unwrap(parseQuantity(value, { allowNegative: true }));

describe("quantities", () => {
  test.each([
    ["1", 1000],
    ["250m", 250],
    ["0.1", 100],
    [".5", 500],
    ["1.", 1000],
    [2, 2000],
    [0.25, 250],
    ["1e3", 1_000_000],
    ["1E3", 1_000_000],
    ["1E-3", 1],
    ["1500u", 2],
    ["1n", 1],
    ["0", 0],
    ["+1", 1000],
    ["-1", -1000],
    ["2k", 2_000_000],
  ])("%s is %d thousandths", (text, milli) => {
    expect(cpuMilli(parse(text))).toBe(milli);
  });
  test.each([
    ["128Mi", 128 * 1024 ** 2],
    ["1.5Gi", 1.5 * 1024 ** 3],
    ["1G", 1e9],
    ["1E", 1e18 > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : 1e18],
    ["1Ki", 1024],
    ["0.1Ki", 103],
    ["100m", 1],
    ["3T", 3e12],
    ["4Ti", 4 * 1024 ** 4],
    ["1Pi", 1024 ** 5],
  ])("%s is %d bytes", (text, count) => {
    expect(bytes(parse(text))).toBe(count);
  });
  test.each([
    "",
    " ",
    "m",
    "Mi",
    "1 Mi",
    " 1",
    "1mi",
    "1K",
    "1ki",
    "1MiB",
    "0x10",
    "1e",
    "1e3k",
    "1e999",
    "1e99999999999",
    "--1",
    "1,5",
    "NaN",
    "Infinity",
    "9Ei",
    "1e19",
    "1".repeat(65),
    "١",
    ".",
    "-",
    "1.2.3",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    null,
    undefined,
    {},
    [],
    true,
    10n,
  ])("refuses %s", (value) => {
    const result = parseQuantity(value, { allowNegative: true });
    expect(!result.ok && result.error.code).toBe("Invalid");
  });
  test("negative amounts are refused unless allowed", () => {
    const result = parseQuantity("-5Mi");
    expect(!result.ok && result.error.message).toBe('"-5Mi" is not a valid quantity: must not be negative');
  });
  test.each([
    ["1000m", "1"],
    ["1024Mi", "1Gi"],
    ["1500m", "1500m"],
    ["1000000", "1M"],
    ["1000Ki", "1000Ki"],
    ["512", "512"],
    ["0.5Ki", "512"],
    ["1e3", "1e3"],
    ["1000e3", "1e6"],
    ["0Mi", "0"],
    ["-1024Ki", "-1Mi"],
    ["7Ei", "7Ei"],
  ])("%s is written %s", (text, canonical) => {
    expect(formatQuantity(parse(text))).toBe(canonical);
  });
  test("the canonical text means the same amount and is canonical itself", () => {
    const suffix = fc.constantFrom("n", "u", "m", "", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-3", "E2");
    const number = fc.tuple(fc.constantFrom("", "-"), fc.nat(999_999), fc.option(fc.nat(9999)));
    fc.assert(
      fc.property(number, suffix, ([sign, whole, fraction], unit) => {
        const quantity = parse(`${sign}${whole}${fraction === null ? "" : `.${fraction}`}${unit}`);
        const text = formatQuantity(quantity);
        expect(parse(text).nano).toBe(quantity.nano);
        expect(formatQuantity(parse(text))).toBe(text);
      }),
    );
  });
  test("any text gives a quantity or Invalid, never a throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const result = parseQuantity(text);
        if (!result.ok) expect(result.error.code).toBe("Invalid");
      }),
    );
  });
  test("amounts for people", () => {
    expect(formatCpuMilli(250)).toBe("250m");
    expect(formatCpuMilli(2000)).toBe("2");
    expect(formatBytes(134_217_728)).toBe("128Mi");
    expect(formatBytes(1000)).toBe("1k");
  });
});
