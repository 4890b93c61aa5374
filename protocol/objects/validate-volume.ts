// Rules for a pod's volumes.

import { isDnsLabel } from "../ids.ts";
import type { Volume } from "./object.ts";
import type { Report } from "./report.ts";
import { validateFileVolume } from "./validate-volume-files.ts";
import { maxPathLength, validateQuantity, validateUnique } from "./validate-scalars.ts";

const hostPathTypes: readonly string[] = [
  "",
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
];

export function validateVolumes(volumes: readonly Volume[], path: string, report: Report): void {
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    if (!isDnsLabel(volume.name)) {
      report.add(`${at}.name`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
    }
    const sources = Object.keys(volume).filter((field) => field !== "name");
    if (sources.length > 1) {
      report.add(at, "Forbidden", `must have one source only, found ${sources.join(" and ")}`);
    }
    if (volume.emptyDir?.sizeLimit !== undefined) {
      validateQuantity(volume.emptyDir.sizeLimit, `${at}.emptyDir.sizeLimit`, report);
    }
    validateFileVolume(volume, at, report);
    if (volume.hostPath) validateHostPath(volume.hostPath, `${at}.hostPath`, report);
  }
  validateUnique(
    volumes.map((volume) => volume.name),
    (index) => `${path}[${index}].name`,
    report,
  );
}

function validateHostPath(source: NonNullable<Volume["hostPath"]>, path: string, report: Report): void {
  if (source.path === "") report.add(`${path}.path`, "Required", "is required");
  else if (!source.path.startsWith("/")) report.add(`${path}.path`, "Invalid", "must begin with /");
  if (source.path.split("/").includes("..")) report.add(`${path}.path`, "Invalid", "must not contain `..`");
  if (source.path.length > maxPathLength) {
    report.add(`${path}.path`, "TooLong", `must have at most ${maxPathLength} characters`);
  }
  if (/[:\0]/.test(source.path)) report.add(`${path}.path`, "Invalid", "must not contain `:` or a zero byte");
  if (!hostPathTypes.includes(source.type ?? "")) {
    report.add(`${path}.type`, "NotSupported", `must be one of ${hostPathTypes.filter(Boolean).join(", ")}`);
  }
}
