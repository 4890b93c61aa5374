// The way in for everything a user submits: shape, defaults, rules, and warnings about what does nothing.

import { failure, quoteValue, type Result, success } from "../errors.ts";
import { annotationWarnings } from "./annotation-warnings.ts";
import { applyDefaults } from "./defaults.ts";
import { apiVersionOf, kindInfo, kinds } from "./kinds.ts";
import type { ApiObject, PodStatus } from "./object.ts";
import { acceptsVersion, inPresentVersion } from "./older-versions.ts";
import { createReport, maxFieldErrors, type Report } from "./report.ts";
import { checkObject, isRecord, maxUnknownNamed, type UnknownField, type Walk } from "./structure.ts";
import { unsupportedFields } from "./unsupported.ts";
import { reported, validateInto } from "./validate.ts";

export interface Shaped {
  /** Without nulls, unknown fields and status; no defaults. What a three-way merge starts from. */
  readonly object: ApiObject;
  /** Fields that are unknown (where that is no error), or known and not supported yet. */
  readonly warnings: readonly string[];
}
export interface Admitted extends Shaped {
  /** As `object`, with every default filled in and every rule checked: what is stored. */
  readonly complete: ApiObject;
}

/** What becomes of fields that a kind does not have: refused, named in a warning, or left out without a word. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** Checks kind and shape only: for a manifest that will be merged with what exists before its rules are checked. */
export function checkShape(input: unknown, validation: FieldValidation = "Strict"): Result<Shaped> {
  const report = createReport();
  const shaped = shape(input, report, validation);
  if (!shaped.ok) return shaped;
  const result = reported(shaped.value.object, report);
  return result.ok ? shaped : result;
}

/** Everything that is wrong with an object to be created, in one failure; else the object with its defaults. */
export function admit(input: unknown, validation: FieldValidation = "Strict"): Result<Admitted> {
  const report = createReport();
  const shaped = shape(input, report, validation);
  if (!shaped.ok) return shaped;
  const complete = applyDefaults(shaped.value.object);
  // So much is wrong already that more would not help.
  if (report.total < maxFieldErrors) validateInto(complete, report);
  const result = reported(complete, report);
  return result.ok ? success({ ...shaped.value, complete }) : result;
}

/** Of a status that somebody else than the cluster wants to set. */
export function checkPodStatus(input: unknown, validation: FieldValidation = "Strict"): Result<PodStatus> {
  const report = createReport();
  if (!isRecord(input))
    return failure("BadRequest", `a status is a map of fields, found ${quoteValue(input)}`);
  const walk: Walk = { report, unknown: [] };
  const copy: PodStatus = checkObject(input, "PodStatus", "status", walk);
  unknownFields(walk, validation);
  const result = reported({ apiVersion: "v1", kind: "Pod", metadata: {} }, report);
  return result.ok ? success(copy) : result;
}

function shape(input: unknown, report: Report, validation: FieldValidation): Result<Shaped> {
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
  const unknown = unknownFields(walk, validation);
  const ignored = [...unsupportedFields(object, info.kind), ...annotationWarnings(object, info.kind)];
  return success({ object, warnings: [...present.warnings, ...unknown, ...ignored] });
}

/** Goes to the report or into warnings, as was asked. */
function unknownFields({ unknown, report }: Walk, validation: FieldValidation): readonly string[] {
  if (validation === "Ignore") return [];
  const hint = ({ nearest }: UnknownField): string =>
    nearest === undefined ? "" : `; did you mean ${nearest}?`;
  if (validation === "Strict") {
    for (const field of unknown) report.addShape(field.path, "Unknown", `unknown field${hint(field)}`);
    return [];
  }
  const warnings = unknown.map((field) => `unknown field ${JSON.stringify(field.path)}${hint(field)}`);
  return unknown.length < maxUnknownNamed ? warnings : [...warnings, "further unknown fields are not named"];
}
