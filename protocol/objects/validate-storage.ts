// Rules for persistent volumes, claims and storage classes.
// Source: k8s.io/kubernetes/pkg/apis/core/validation (ValidatePersistentVolume, ...Claim) and pkg/apis/storage.

import { quoteValue } from "../errors.ts";
import { isDnsSubdomain } from "../ids.ts";
import { selectorFromObject } from "../label-selector.ts";
import { isQualifiedName, labelKeySyntax } from "../labels.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "./object.ts";
import type { Report } from "./report.ts";
import { provisioners } from "./storage-names.ts";
import { validateAbsolutePath, validateHostPath } from "./validate-host-path.ts";
import { validateQuantity } from "./validate-scalars.ts";

export type VolumeSpec = NonNullable<PersistentVolume["spec"]>;
export type ClaimSpec = NonNullable<PersistentVolumeClaim["spec"]>;
type AccessModes = ClaimSpec["accessModes"];

/** Fields of a volume's spec that are no source. */
const notSources: ReadonlySet<string> = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
]);
export const volumeSources = (spec: VolumeSpec): readonly string[] =>
  Object.keys(spec).filter((field) => !notSources.has(field));

export function validateVolume({ spec }: PersistentVolume, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateAccessModes(spec.accessModes, "spec.accessModes", report);
  validateStorage(spec.capacity?.["storage"], "spec.capacity[storage]", report);
  validateSource(spec, report);
  validateClassName(spec.storageClassName, "spec.storageClassName", report);
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  if (spec.nodeAffinity && (!terms || terms.length === 0)) {
    report.add("spec.nodeAffinity.required", "Required", "must have at least one node selector term");
  }
  if (spec.local && !spec.nodeAffinity) {
    report.add("spec.nodeAffinity", "Required", "is required: a local volume is on one node");
  }
  if (spec.claimRef && !(spec.claimRef.name && spec.claimRef.namespace)) {
    report.add("spec.claimRef", "Required", "must have the claim's name and namespace");
  }
}

function validateSource(spec: VolumeSpec, report: Report): void {
  const sources = volumeSources(spec);
  if (sources.length === 0) report.add("spec", "Required", "must have a source such as local or hostPath");
  if (sources.length > 1) {
    report.add("spec", "Forbidden", `must have one source only, found ${sources.join(" and ")}`);
  }
  if (spec.hostPath) validateHostPath(spec.hostPath, "spec.hostPath", report);
  if (spec.local) validateAbsolutePath(spec.local.path, "spec.local.path", report);
  const { driver, volumeHandle } = spec.csi ?? {};
  if (driver !== undefined && !provisioners.has(driver)) {
    const known = [...provisioners].join(", ");
    report.add("spec.csi.driver", "NotSupported", `must be one of ${known}, found ${quoteValue(driver)}`);
  }
  if (volumeHandle !== undefined && !isDnsSubdomain(volumeHandle)) {
    report.add("spec.csi.volumeHandle", "Invalid", "must be an RFC 1123 subdomain");
  }
}

export function validateClaim({ spec }: Pick<PersistentVolumeClaim, "spec">, report: Report): void {
  if (!spec) return report.add("spec", "Required", "is required");
  validateClaimSpec(spec, "spec", report);
}

export function validateClaimSpec(spec: ClaimSpec, path: string, report: Report): void {
  validateAccessModes(spec.accessModes, `${path}.accessModes`, report);
  validateStorage(spec.resources?.requests?.["storage"], `${path}.resources.requests[storage]`, report);
  validateClassName(spec.storageClassName, `${path}.storageClassName`, report);
  const selector = spec.selector && selectorFromObject(spec.selector);
  if (selector && !selector.ok) report.add(`${path}.selector`, "Invalid", selector.error.message);
  if (spec.volumeName && !isDnsSubdomain(spec.volumeName)) {
    report.add(`${path}.volumeName`, "Invalid", "must be the name of a volume, an RFC 1123 subdomain");
  }
}

function validateAccessModes(modes: AccessModes, path: string, report: Report): void {
  if (!modes || modes.length === 0) return report.add(path, "Required", "must have at least one access mode");
  if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    report.add(path, "Forbidden", "ReadWriteOncePod goes with no other access mode");
  }
}

function validateStorage(value: unknown, path: string, report: Report): void {
  if (value === undefined) return report.add(path, "Required", "is required");
  const quantity = validateQuantity(value, path, report);
  if (quantity?.nano === 0n) report.add(path, "Invalid", "must be greater than zero");
}

function validateClassName(name: string | undefined, path: string, report: Report): void {
  if (name && !isDnsSubdomain(name)) {
    report.add(path, "Invalid", "must be the name of a storage class, an RFC 1123 subdomain");
  }
}

export function validateStorageClass(value: StorageClass, report: Report): void {
  const { provisioner, allowedTopologies = [] } = value;
  if (provisioner === "") report.add("provisioner", "Required", "is required");
  else if (!isQualifiedName(provisioner.toLowerCase())) {
    report.add("provisioner", "Invalid", `must be a qualified name: ${labelKeySyntax}`);
  }
  for (const [index, { matchLabelExpressions = [] }] of allowedTopologies.entries()) {
    for (const [at, { values }] of matchLabelExpressions.entries()) {
      const path = `allowedTopologies[${index}].matchLabelExpressions[${at}].values`;
      if (values.length === 0) report.add(path, "Required", "must have at least one value");
    }
  }
}
