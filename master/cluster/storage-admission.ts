// What the control plane adds to volumes and claims as they are made, and refuses as they change.

import {
  type ApiObject,
  claimProtection,
  engineProvisioner,
  failure,
  type Result,
  storageOf,
  success,
  volumeProtection,
} from "../../protocol/mod.ts";
import { claimSpecOf, classNameOf, defaultClassName, storageClassNamed } from "../storage/mod.ts";
import type { ClusterState } from "./contract.ts";

/** What holds them while they are used, and the default class for a claim that names none. Other kinds stay. */
export function withStorageParts(state: ClusterState, value: ApiObject): ApiObject {
  if (value.kind === "PersistentVolume") return withFinalizer(value, volumeProtection);
  if (value.kind !== "PersistentVolumeClaim") return value;
  const held = withFinalizer(value, claimProtection);
  const spec = claimSpecOf(value);
  if (spec.storageClassName !== undefined) return held;
  const storageClassName = value.metadata.annotations?.[betaClassAnnotation] ?? defaultClassName(state);
  return storageClassName === undefined ? held : { ...held, spec: { ...spec, storageClassName } };
}

const betaClassAnnotation = "volume.beta.kubernetes.io/storage-class";

function withFinalizer(value: ApiObject, finalizer: string): ApiObject {
  const finalizers = value.metadata.finalizers ?? [];
  if (finalizers.includes(finalizer)) return value;
  return { ...value, metadata: { ...value.metadata, finalizers: [...finalizers, finalizer] } };
}

/** A manifest says nothing of these finalizers: putting it in the place of what is there does not mean to drop them. */
export function keepProtection(old: ApiObject, next: ApiObject): ApiObject {
  if (next.metadata.finalizers !== undefined) return next;
  const kept = (old.metadata.finalizers ?? []).filter(
    (name) => name === claimProtection || name === volumeProtection,
  );
  return kept.length === 0 ? next : { ...next, metadata: { ...next.metadata, finalizers: kept } };
}

/** Forbidden when a claim asks for more and its class does not let it grow. */
export function checkExpansion(state: ClusterState, old: ApiObject, next: ApiObject): Result<void> {
  if (next.kind !== "PersistentVolumeClaim") return success(undefined);
  const before = claimSpecOf(old);
  if ((storageOf(claimSpecOf(next)) ?? 0) <= (storageOf(before) ?? 0)) return success(undefined);
  const storageClass = storageClassNamed(state, classNameOf(before));
  const grows = storageClass?.allowVolumeExpansion === true && storageClass.provisioner !== engineProvisioner;
  if (grows) return success(undefined);
  return failure(
    "Forbidden",
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
  );
}
