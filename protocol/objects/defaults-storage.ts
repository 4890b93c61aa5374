// What Kubernetes fills in for volumes, claims and storage classes
// (source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go and storage/v1/defaults.go).

import type { PersistentVolume, PersistentVolumeClaim } from "./object.ts";

type VolumeSpec = NonNullable<PersistentVolume["spec"]>;
type ClaimSpec = NonNullable<PersistentVolumeClaim["spec"]>;

export const volumeSpecDefaults = (spec: VolumeSpec): VolumeSpec => ({
  persistentVolumeReclaimPolicy: "Retain",
  volumeMode: "Filesystem",
  ...spec,
  ...(spec.hostPath && { hostPath: { type: "", ...spec.hostPath } }),
});

export const claimSpecDefaults = (spec: ClaimSpec): ClaimSpec => ({ volumeMode: "Filesystem", ...spec });

export const storageClassDefaults = <Class extends object>(value: Class): Class => ({
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
  ...value,
});
