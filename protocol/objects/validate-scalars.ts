// Rules for single values that several kinds share: ports, port names, addresses, ranges, quantities.

import { isIP, isIPv4 } from "node:net";
import { quoteValue } from "../errors.ts";
import { type Quantity, parseQuantity } from "../quantity.ts";
import type { Report } from "./report.ts";

export const maxPort = 65_535;
/** Longest path in a file system, as Linux bounds it (PATH_MAX). */
export const maxPathLength = 4096;

/** RFC 6335 service name: at most 15 of a-z 0-9 -, with a letter, without doubled or outer hyphens. */
export const isPortName = (text: string): boolean =>
  text.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && /[a-z]/.test(text);
export const portNameSyntax =
  "at most 15 of a-z 0-9 - with at least one letter and no hyphen at an end or doubled";

export function validatePort(port: number | undefined, path: string, report: Report): void {
  if (port !== undefined && (port < 1 || port > maxPort)) {
    report.add(path, "Invalid", `must be from 1 to ${maxPort}, found ${port}`);
  }
}

/** A port's number or name. */
export function validatePortOrName(port: number | string | undefined, path: string, report: Report): void {
  if (typeof port === "number") validatePort(port, path, report);
  else if (port !== undefined && !isPortName(port)) {
    report.add(path, "Invalid", `must be a port from 1 to ${maxPort} or a port's name (${portNameSyntax})`);
  }
}

export interface Range {
  readonly min: number;
  readonly max?: number;
}
export function validateRange(
  value: number | undefined,
  { min, max }: Range,
  path: string,
  report: Report,
): void {
  if (value === undefined || (value >= min && value <= (max ?? Number.MAX_SAFE_INTEGER))) return;
  report.add(
    path,
    "Invalid",
    `must be ${max === undefined ? `at least ${min}` : `from ${min} to ${max}`}, found ${value}`,
  );
}

export function validateAddress(address: string, path: string, report: Report): void {
  if (isIP(address) === 0) report.add(path, "Invalid", "must be an IP address such as 10.1.2.3");
}
export const isIpv4Address = (text: string): boolean => isIPv4(text);

/** The parsed quantity, or undefined after reporting what is wrong with it. */
export function validateQuantity(value: unknown, path: string, report: Report): Quantity | undefined {
  const quantity = parseQuantity(value);
  if (quantity.ok) return quantity.value;
  report.add(path, "Invalid", quantity.error.message);
  return undefined;
}

/** Reports every value that stands a second time; `undefined` and empty ones do not count. */
export function validateUnique(
  values: readonly (string | undefined)[],
  path: (index: number) => string,
  report: Report,
): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (value === undefined || value === "") continue;
    if (seen.has(value)) report.add(path(index), "Duplicate", `${quoteValue(value)} is there already`);
    seen.add(value);
  }
}
