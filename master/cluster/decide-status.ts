// Setting the conditions of a pod: what others than its node say of it (`patch --subresource=status`). Everything else of a
// status is what the cluster observes.

import {
  type BerthEvent,
  changedFields,
  checkPodStatus,
  type Failure,
  failure,
  isKind,
  isRecord,
  type PodCondition,
  type PodStatus,
  type Result,
  sameValue,
} from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { Decision } from "./contract.ts";
import { type Deciding, nameOf, told } from "./deciding.ts";
import type { Found } from "./find-object.ts";
import { patchedValue } from "./patched-value.ts";
import { isOthers } from "./pod-gates.ts";
import { renderPod } from "./render-pod.ts";

/** Conditions of one pod that others may set. */
const maxConditions = 64;
const statuses: ReadonlySet<string> = new Set(["True", "False", "Unknown"]);

/** Forbidden for what the cluster says itself; Invalid for conditions without a type or with another status. */
export function decideStatus(
  deciding: Deciding,
  { ref }: Found,
  command: CommandOf<"PatchObject">,
): Result<Decision> {
  const row = deciding.state.pod(ref.uid);
  const value = row && renderPod(row);
  if (!value || !isKind(value, "Pod")) {
    return failure("MethodNotSupported", `the status of ${nameOf(ref)} is what the cluster observes`);
  }
  const patched = patchedValue("Pod", value, command);
  if (!patched.ok) return patched;
  const { validation, dryRun } = command;
  const wanted = checkPodStatus(isRecord(patched.value) ? patched.value["status"] : undefined, validation);
  if (!wanted.ok) return wanted;
  const before = value.status?.conditions ?? [];
  const after = wanted.value.conditions ?? [];
  const causes = [...takenFromTheCluster(value.status, wanted.value), ...problemsOf(after.filter(isOthers))];
  if (causes.length > 0) {
    const code = causes.some(({ reason }) => reason === "Forbidden") ? "Forbidden" : "Invalid";
    const message = causes.map(({ field, message: text }) => `${field}: ${text}`).join("; ");
    return failure(code, `${nameOf(ref)}: ${message}`, causes);
  }
  const conditions = after.filter(isOthers);
  const preview = {
    ...value,
    status: { ...value.status, conditions: [...before.filter((each) => !isOthers(each)), ...conditions] },
  };
  if (sameValue(before.filter(isOthers), conditions)) {
    return told({ events: [], outcome: "unchanged", object: ref, preview, warnings: [] }, dryRun);
  }
  const event: BerthEvent = { ...deciding.header, type: "PodConditionsSet", object: ref, conditions };
  return told({ events: [event], outcome: "configured", object: ref, preview, warnings: [] }, dryRun);
}

type Cause = NonNullable<Failure["causes"]>[number];

function takenFromTheCluster(before: PodStatus = {}, after: PodStatus = {}): readonly Cause[] {
  const own = ({ conditions = [], ...rest }: PodStatus) => ({
    ...rest,
    conditions: Object.fromEntries(
      conditions.filter((each) => !isOthers(each)).map((each) => [each.type, each]),
    ),
  });
  return changedFields(own(before), own(after)).map((field) => ({
    field: `status.${field}`,
    reason: "Forbidden" as const,
    message: "is what the cluster observes and can't be set; conditions of other types can",
  }));
}

function problemsOf(conditions: readonly PodCondition[]): readonly Cause[] {
  const causes: Cause[] = [];
  const types = conditions.map(({ type }) => type);
  for (const [index, { type, status }] of conditions.entries()) {
    const field = `status.conditions[${index}]`;
    if (!type)
      causes.push({ field: `${field}.type`, reason: "Required", message: "must name the condition" });
    else if (types.indexOf(type) < index)
      causes.push({ field: `${field}.type`, reason: "Duplicate", message: `${type} is there already` });
    if (!statuses.has(status))
      causes.push({
        field: `${field}.status`,
        reason: "NotSupported",
        message: "takes True, False or Unknown",
      });
  }
  if (conditions.length > maxConditions) {
    const message = `found ${conditions.length}, a pod may have ${maxConditions}`;
    causes.push({ field: "status.conditions", reason: "TooLong", message });
  }
  return causes;
}
