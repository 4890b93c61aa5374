// The way in for everything a user submits: shape, defaults, rules, and warnings about what does nothing.

import { failure, quoteValue, type Result, success } from "../errors.ts";
import { applyDefaults } from "./defaults.ts";
import { apiVersionOf, kindInfo, kinds } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { acceptsVersion, inPresentVersion } from "./older-versions.ts";
import { createReport, maxFieldErrors, type Report } from "./report.ts";
import { checkObject, isRecord, maxUnknownNamed, type Walk } from "./structure.ts";
import { unsupportedFields } from "./unsupported.ts";
import { reported, validateInto } from "./validate.ts";

export interface Shaped {
  /** Without nulls, unknown fields and status; no defaults. What a three-way merge starts from. */
  readonly object: ApiObject;
  /** Fields that are unknown, or known and not supported yet. */
  readonly warnings: readonly string[];
}
export interface Admitted extends Shaped {
  /** As `object`, with every default filled in and every rule checked: what is stored. */
  readonly complete: ApiObject;
}

/** Checks kind and shape only: for a manifest that will be merged with what exists before its rules are checked. */
export function checkShape(input: unknown): Result<Shaped> {
  const report = createReport();
  const shaped = shape(input, report);
  if (!shaped.ok) return shaped;
  const result = reported(shaped.value.object, report);
  return result.ok ? shaped : result;
}

/** Everything that is wrong with an object to be created, in one failure; else the object with its defaults. */
export function admit(input: unknown): Result<Admitted> {
  const report = createReport();
  const shaped = shape(input, report);
  if (!shaped.ok) return shaped;
  const complete = applyDefaults(shaped.value.object);
  // So much is wrong already that more would not help.
  if (report.total < maxFieldErrors) validateInto(complete, report);
  const result = reported(complete, report);
  return result.ok ? success({ ...shaped.value, complete }) : result;
}

function shape(input: unknown, report: Report): Result<Shaped> {
  if (!isRecord(input))
    return failure("BadRequest", `an object must be a map of fields, found ${quoteValue(input)}`);
  const { apiVersion, kind } = input;
  const info = typeof kind === "string" ? kindInfo(kind) : undefined;
  if (!info) {
    const known = kinds.map((each) => each.kind).join(", ");
    return failure("Invalid", `kind ${quoteValue(kind)} is not known; the kinds are ${known}`, [
      {
        field: "kind",
        reason: kind === undefined ? "Required" : "NotSupported",
        message: `must be one of ${known}`,
      },
    ]);
  }
  if (!acceptsVersion(info, apiVersion)) {
    const message = `must be ${apiVersionOf(info)} for kind ${info.kind}, found ${quoteValue(apiVersion)}`;
    const reason = apiVersion === undefined ? "Required" : "NotSupported";
    return failure("Invalid", `apiVersion ${message}`, [{ field: "apiVersion", reason, message }]);
  }
  const walk: Walk = { report, unknown: [] };
  // Status is the cluster's to write; a manifest that was read from it carries one, and that is no mistake.
  const present = inPresentVersion(input, info);
  const { status: _status, ...submitted } = present.object;
  const copy = checkObject({ metadata: {}, ...submitted }, info.kind, "", walk);
  const metadata = isRecord(copy["metadata"]) ? copy["metadata"] : {};
  const object: ApiObject = { ...copy, apiVersion: apiVersionOf(info), kind: info.kind, metadata };
  const unknown = walk.unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (unknown.length === maxUnknownNamed) unknown.push("further unknown fields are not named");
  return success({
    object,
    warnings: [...present.warnings, ...unknown, ...unsupportedFields(object, info.kind)],
  });
}
