// Rules for stateful sets. Source: k8s.io/kubernetes/pkg/apis/apps/validation.

import type { PodTemplateSpec, StatefulSet, Volume } from "./object.ts";
import type { Report } from "./report.ts";
import { changedFields } from "./same.ts";
import { validateSelectingTemplate } from "./validate-replication.ts";
import { validateRange } from "./validate-scalars.ts";

type StatefulSetSpec = NonNullable<StatefulSet["spec"]>;

/** How the identities of a stateful set are kept from running twice. `Confirm` is the default. */
export const fencingAnnotation = "berth.io/fencing";

export function validateStatefulSet({ metadata, spec }: StatefulSet, report: Report): void {
  const fencing = metadata?.annotations?.[fencingAnnotation];
  if (fencing !== undefined && fencing !== "Confirm") {
    const message =
      fencing === "Lease"
        ? "Lease is not supported yet: leave it out, or say Confirm"
        : `must be Confirm, found ${JSON.stringify(fencing)}`;
    report.add(`metadata.annotations[${fencingAnnotation}]`, "NotSupported", message);
  }
  if (!spec) return report.add("spec", "Required", "is required");
  validateSelectingTemplate({ ...spec, template: statefulTemplateOf(spec) }, report);
  validateRange(spec.revisionHistoryLimit, { min: 0 }, "spec.revisionHistoryLimit", report);
  validateRange(spec.ordinals?.start, { min: 0 }, "spec.ordinals.start", report);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  validateRange(rollingUpdate?.partition, { min: 0 }, "spec.updateStrategy.rollingUpdate.partition", report);
  if (type === "OnDelete" && rollingUpdate) {
    const message = "only goes with the type RollingUpdate";
    report.add("spec.updateStrategy.rollingUpdate", "Forbidden", message);
  }
}

/**
 * The template as pods are made of it: its service is their subdomain, and what it mounts of volume claim templates
 * is an emptyDir of the same name.
 */
export function statefulTemplateOf({
  template,
  serviceName,
  volumeClaimTemplates = [],
}: StatefulSetSpec): PodTemplateSpec {
  const { spec } = template;
  if (!spec) return template;
  const named = new Set((spec.volumes ?? []).map(({ name }) => name));
  const claimed = volumeClaimTemplates
    .map(({ metadata }): Volume => ({ name: metadata?.name ?? "", emptyDir: {} }))
    .filter(({ name }) => name !== "" && !named.has(name));
  return {
    ...template,
    spec: {
      ...spec,
      ...(serviceName && { subdomain: serviceName }),
      ...(claimed.length > 0 && { volumes: [...(spec.volumes ?? []), ...claimed] }),
    },
  };
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
