// What may not change in persistent volumes, claims and storage classes once they exist.
// Source: k8s.io/kubernetes/pkg/apis/core/validation (ValidatePersistentVolumeUpdate, ...ClaimUpdate).

import { parseBytes } from "../quantity.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "./object.ts";
import type { Report } from "./report.ts";
import { changedFields, sameValue } from "./same.ts";
import { type ClaimSpec, volumeSources, type VolumeSpec } from "./validate-storage.ts";

export function validateVolumeChange(old: PersistentVolume, next: PersistentVolume, report: Report): void {
  const before: VolumeSpec = old.spec ?? {};
  const after: VolumeSpec = next.spec ?? {};
  const sourceOf = (spec: VolumeSpec): unknown =>
    volumeSources(spec).map((field) => [field, Reflect.get(spec, field)]);
  if (!sameValue(sourceOf(before), sourceOf(after))) {
    report.add("spec", "Immutable", "the source of a volume can't change after it was made");
  }
  if (before.volumeMode !== after.volumeMode) report.add("spec.volumeMode", "Immutable", "can't change");
  if (before.nodeAffinity && !sameValue(before.nodeAffinity, after.nodeAffinity)) {
    report.add("spec.nodeAffinity", "Immutable", "can't change: the data is where it is");
  }
}

export function validateClaimChange(
  old: PersistentVolumeClaim,
  next: PersistentVolumeClaim,
  report: Report,
): void {
  const before = old.spec ?? {};
  const after = next.spec ?? {};
  for (const path of changedFields(fixed(before, after), fixed(after, after))) {
    const message = "can't change after creation, except resources.requests of a bound claim";
    report.add(`spec.${path}`, "Immutable", message);
  }
  const [had, wants] = [storageOf(before), storageOf(after)];
  if (had === undefined || wants === undefined || had === wants) return;
  const at = "spec.resources.requests[storage]";
  if (wants < had) report.add(at, "Forbidden", "can not be less than status.capacity");
  else if (!before.volumeName) report.add(at, "Forbidden", "can only grow once the claim is bound");
}

export function storageOf({ resources }: ClaimSpec): number | undefined {
  const bytes = parseBytes(resources?.requests?.["storage"] ?? "");
  return bytes.ok ? bytes.value : undefined;
}

/** Without what may change: what was not set before may be set (a volume, a class that has become the default). */
function fixed(spec: ClaimSpec, after: ClaimSpec): object {
  const { resources, ...rest } = spec;
  const { requests: { storage: _storage, ...requests } = {}, limits } = resources ?? {};
  return {
    ...rest,
    resources: { requests, limits: limits ?? {} },
    volumeName: spec.volumeName || after.volumeName || "",
    storageClassName: spec.storageClassName ?? after.storageClassName,
  };
}

export function validateStorageClassChange(old: StorageClass, next: StorageClass, report: Report): void {
  for (const field of ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"] as const) {
    if (sameValue(old[field] ?? {}, next[field] ?? {})) continue;
    report.add(field, "Immutable", "can't change; delete the storage class and make it again");
  }
}
