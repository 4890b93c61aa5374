// Rules for paths of a host: in a pod's hostPath volumes and in persistent volumes.

import type { Volume } from "./object.ts";
import type { Report } from "./report.ts";
import { maxPathLength } from "./validate-scalars.ts";

export type HostPathType = NonNullable<NonNullable<Volume["hostPath"]>["type"]>;

const hostPathTypes: readonly HostPathType[] = [
  "",
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
];

/** Undefined for any other text. */
export const hostPathType = (text: string): HostPathType | undefined =>
  hostPathTypes.find((type) => type === text);

export function validateHostPath(
  source: NonNullable<Volume["hostPath"]>,
  path: string,
  report: Report,
): void {
  validateAbsolutePath(source.path, `${path}.path`, report);
  if (hostPathType(source.type ?? "") === undefined) {
    report.add(`${path}.type`, "NotSupported", `must be one of ${hostPathTypes.filter(Boolean).join(", ")}`);
  }
}

export function validateAbsolutePath(text: string, path: string, report: Report): void {
  if (text === "") report.add(path, "Required", "is required");
  else if (!text.startsWith("/")) report.add(path, "Invalid", "must begin with /");
  if (text.split("/").includes("..")) report.add(path, "Invalid", "must not contain `..`");
  if (text.length > maxPathLength) {
    report.add(path, "TooLong", `must have at most ${maxPathLength} characters`);
  }
  if (/[:\0]/.test(text)) report.add(path, "Invalid", "must not contain `:` or a zero byte");
}
