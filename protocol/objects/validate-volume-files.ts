// Rules for volumes whose files Berth writes: configMap, secret, downwardAPI, projected.

import { quoteValue } from "../errors.ts";
import type { Volume } from "./object.ts";
import type { Report } from "./report.ts";
import { fieldPathProblem } from "./validate-field-ref.ts";
import { maxPathLength, validateRange, validateUnique } from "./validate-scalars.ts";

type ConfigSource = NonNullable<Volume["configMap"]>;
type Items = NonNullable<ConfigSource["items"]>;
type DownwardItems = NonNullable<NonNullable<Volume["downwardAPI"]>["items"]>;
type Projection = NonNullable<NonNullable<Volume["projected"]>["sources"]>[number];

const modes = { min: 0, max: 0o777 };

export function validateFileVolume(volume: Volume, path: string, report: Report): void {
  const { configMap, secret, downwardAPI, projected } = volume;
  for (const field of ["configMap", "secret", "downwardAPI", "projected"] as const) {
    validateRange(volume[field]?.defaultMode, modes, `${path}.${field}.defaultMode`, report);
  }
  if (configMap) validateConfig(configMap.name, configMap.items, `${path}.configMap.name`, report);
  if (secret) validateConfig(secret.secretName, secret.items, `${path}.secret.secretName`, report);
  if (downwardAPI) validateDownward(downwardAPI.items ?? [], `${path}.downwardAPI.items`, report);
  if (projected) validateProjected(projected.sources ?? [], `${path}.projected.sources`, report);
}

function validateConfig(
  name: string | undefined,
  items: Items | undefined,
  at: string,
  report: Report,
): void {
  if (!name) report.add(at, "Required", "is required");
  const path = at.replace(/[^.]*$/, "items");
  for (const [index, item] of (items ?? []).entries()) {
    if (item.key === "") report.add(`${path}[${index}].key`, "Required", "is required");
    validateFilePath(item.path, `${path}[${index}].path`, report);
    validateRange(item.mode, modes, `${path}[${index}].mode`, report);
  }
}

function validateDownward(items: DownwardItems, path: string, report: Report): void {
  for (const [index, { fieldRef, resourceFieldRef, ...item }] of items.entries()) {
    const at = `${path}[${index}]`;
    validateFilePath(item.path, `${at}.path`, report);
    validateRange(item.mode, modes, `${at}.mode`, report);
    if ((fieldRef === undefined) === (resourceFieldRef === undefined)) {
      report.add(at, "Invalid", "must have either fieldRef or resourceFieldRef");
    }
    const problem = fieldRef && fieldPathProblem(fieldRef.fieldPath, "volume");
    if (problem) report.add(`${at}.fieldRef.fieldPath`, "NotSupported", problem);
    if (resourceFieldRef && !resourceFieldRef.containerName) {
      report.add(`${at}.resourceFieldRef.containerName`, "Required", "is required in a volume");
    }
  }
}

const projections = [
  "configMap",
  "secret",
  "downwardAPI",
  "serviceAccountToken",
  "clusterTrustBundle",
] as const;

function validateProjected(sources: readonly Projection[], path: string, report: Report): void {
  for (const [index, source] of sources.entries()) {
    const at = `${path}[${index}]`;
    const { configMap, secret, downwardAPI } = source;
    const found = projections.filter((field) => source[field] !== undefined);
    if (found.length > 1)
      report.add(at, "Forbidden", `must have one source only, found ${found.join(" and ")}`);
    if (configMap) validateConfig(configMap.name, configMap.items, `${at}.configMap.name`, report);
    if (secret) validateConfig(secret.name, secret.items, `${at}.secret.name`, report);
    if (downwardAPI) validateDownward(downwardAPI.items ?? [], `${at}.downwardAPI.items`, report);
  }
  const paths = sources.flatMap(({ configMap, secret, downwardAPI }) =>
    [...(configMap?.items ?? []), ...(secret?.items ?? []), ...(downwardAPI?.items ?? [])].map(
      (item) => item.path,
    ),
  );
  validateUnique(paths, () => path, report);
}

/** Where a file stands within its volume: below it, and not among the names that updates need for themselves. */
function validateFilePath(file: string, path: string, report: Report): void {
  if (file === "") return report.add(path, "Required", "is required");
  const steps = file.split("/");
  if (file.startsWith("/") || steps.includes("..")) {
    report.add(path, "Invalid", `must be a relative path without \`..\`, found ${quoteValue(file)}`);
  } else if (file.startsWith("..")) report.add(path, "Invalid", "must not begin with `..`");
  else if (file.length > maxPathLength) {
    report.add(path, "TooLong", `must have at most ${maxPathLength} characters`);
  }
}
