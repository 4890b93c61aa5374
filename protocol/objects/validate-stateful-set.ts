// Rules for stateful sets. Source: k8s.io/kubernetes/pkg/apis/apps/validation.

import { isDnsLabel } from "../ids.ts";
import type { PodTemplateSpec, StatefulSet, Volume } from "./object.ts";
import type { Report } from "./report.ts";
import { changedFields } from "./same.ts";
import { validateSelectingTemplate } from "./validate-replication.ts";
import { isZero, validateMaxUnavailable } from "./validate-rollouts.ts";
import { validateRange, validateUnique } from "./validate-scalars.ts";
import { validateClaimSpec } from "./validate-storage.ts";

type StatefulSetSpec = NonNullable<StatefulSet["spec"]>;

/** How the identities of a stateful set are kept from running twice. `Confirm` is the default. */
export const fencingAnnotation = "berth.io/fencing";
const fencings: ReadonlySet<string> = new Set(["Confirm", "Lease"]);

export function validateStatefulSet({ metadata, spec }: StatefulSet, report: Report): void {
  const fencing = metadata?.annotations?.[fencingAnnotation];
  if (fencing !== undefined && !fencings.has(fencing)) {
    const message = `must be Confirm or Lease, found ${JSON.stringify(fencing)}`;
    report.add(`metadata.annotations[${fencingAnnotation}]`, "NotSupported", message);
  }
  if (!spec) return report.add("spec", "Required", "is required");
  validateSelectingTemplate({ ...spec, template: statefulTemplateOf(spec) }, report);
  validateClaimTemplates(spec, report);
  validateRange(spec.revisionHistoryLimit, { min: 0 }, "spec.revisionHistoryLimit", report);
  validateRange(spec.ordinals?.start, { min: 0 }, "spec.ordinals.start", report);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  validateRange(rollingUpdate?.partition, { min: 0 }, "spec.updateStrategy.rollingUpdate.partition", report);
  const path = "spec.updateStrategy.rollingUpdate.maxUnavailable";
  validateMaxUnavailable(rollingUpdate?.maxUnavailable, path, report);
  if (rollingUpdate?.maxUnavailable !== undefined && isZero(rollingUpdate.maxUnavailable)) {
    report.add(path, "Invalid", "may not be 0: no pod could be replaced");
  }
  if (type === "OnDelete" && rollingUpdate) {
    const message = "only goes with the type RollingUpdate";
    report.add("spec.updateStrategy.rollingUpdate", "Forbidden", message);
  }
}

/**
 * The template as pods are made of it: its service is their subdomain, and a volume claim template is a volume of its
 * name, whose claim is each pod's own.
 */
export function statefulTemplateOf({
  template,
  serviceName,
  volumeClaimTemplates = [],
}: StatefulSetSpec): PodTemplateSpec {
  const { spec } = template;
  if (!spec) return template;
  const names = volumeClaimTemplates.flatMap(({ metadata }) => metadata?.name || []);
  const claimed = names.map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  return {
    ...template,
    spec: {
      ...spec,
      ...(serviceName && { subdomain: serviceName }),
      ...(claimed.length > 0 && { volumes: [...others, ...claimed] }),
    },
  };
}

function validateClaimTemplates(spec: StatefulSetSpec, report: Report): void {
  const { volumeClaimTemplates = [], persistentVolumeClaimRetentionPolicy: policy } = spec;
  for (const [index, { metadata, spec: claim }] of volumeClaimTemplates.entries()) {
    const path = `spec.volumeClaimTemplates[${index}]`;
    if (!isDnsLabel(metadata?.name ?? "")) {
      report.add(`${path}.metadata.name`, "Invalid", "must be an RFC 1123 label: at most 63 of a-z 0-9 -");
    }
    if (claim) validateClaimSpec(claim, `${path}.spec`, report);
    else report.add(`${path}.spec`, "Required", "is required");
  }
  const names = volumeClaimTemplates.map(({ metadata }) => metadata?.name);
  validateUnique(names, (index) => `spec.volumeClaimTemplates[${index}].metadata.name`, report);
  for (const field of ["whenDeleted", "whenScaled"] as const) {
    const value = policy?.[field];
    if (value === undefined || value === "Retain" || value === "Delete") continue;
    const message = `must be Retain or Delete, found ${JSON.stringify(value)}`;
    report.add(`spec.persistentVolumeClaimRetentionPolicy.${field}`, "NotSupported", message);
  }
}

const mutable: ReadonlySet<string> = new Set([
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
  "revisionHistoryLimit",
]);

export function validateStatefulSetChange(old: StatefulSet, next: StatefulSet, report: Report): void {
  const fixed = (spec: StatefulSetSpec | undefined): object =>
    Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !mutable.has(field)));
  for (const path of changedFields(fixed(old.spec), fixed(next.spec))) {
    const message = `can't change in a stateful set: only ${[...mutable].join(", ")} can`;
    report.add(`spec.${path}`, "Immutable", message);
  }
}
