// The body of an eviction: Kubernetes' policy/v1 Eviction says in `deleteOptions` what a deletion says by itself.

import {
  type ApiRequest,
  type ApiTarget,
  failure,
  parseApiRequest,
  type Result,
  success,
} from "../../protocol/mod.ts";

/** The same request without the object, with its options in their usual places. */
export function evictionRequest(target: ApiTarget, request: ApiRequest): Result<ApiRequest> {
  const { object, ...rest } = request;
  if (!object) return success(request);
  const { apiVersion, kind, metadata, deleteOptions = {} } = object;
  if (apiVersion !== "policy/v1" || kind !== "Eviction") {
    return failure("BadRequest", `an eviction takes a policy/v1 Eviction, found ${apiVersion} ${kind}`);
  }
  for (const field of ["name", "namespace"] as const) {
    const said = metadata[field];
    const asked = target[field];
    if (said === undefined || asked === undefined || said === asked) continue;
    return failure(
      "BadRequest",
      `metadata.${field}: the subject says ${asked}, the body says ${said}; they must agree`,
    );
  }
  if (!isOptions(deleteOptions)) return failure("BadRequest", "deleteOptions must be an object");
  const { gracePeriodSeconds, preconditions, dryRun } = deleteOptions;
  const dry = Array.isArray(dryRun) && dryRun.includes("All");
  return parseApiRequest({
    ...rest,
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions !== undefined && { preconditions }),
    ...(dry && { dryRun: true }),
  });
}

const isOptions = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
