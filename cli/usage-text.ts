// Usage as kubectl writes it: thousandths of a core, whole mebibytes, whole percents.

import type { ResourceUsage } from "../client/mod.ts";

export const cpuText = (milli: number): string => `${Math.round(milli)}m`;
export const memoryText = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)}Mi`;
export const shareText = (part: number, whole: number): string =>
  whole > 0 ? `${Math.floor((100 * part) / whole)}%` : "<unknown>";

/** One line of `berth describe`. */
export const usageLine = ({ cpuMilli, memoryBytes }: ResourceUsage): string =>
  `cpu ${cpuText(cpuMilli)}, memory ${memoryText(memoryBytes)}`;
