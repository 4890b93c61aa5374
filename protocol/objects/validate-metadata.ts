// Rules for `metadata` of every kind: names, labels, annotations, owners.
// Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.

import { isDnsLabel, isDnsSubdomain } from "../ids.ts";
import {
  isLabelValue,
  isQualifiedName,
  labelKeySyntax,
  labelValueSyntax,
  maxAnnotationBytes,
} from "../labels.ts";
import type { KindInfo } from "./kinds.ts";
import type { ObjectMeta } from "./object.ts";
import { fieldPath, keyPath, type Report } from "./report.ts";

/** Labels are indexed: an object with tens of thousands of them would slow everyone down. */
const maxLabelBytes = 64 * 1024;

/** Characters that `generateName` gets appended. */
export const generatedSuffixLength = 5;

interface NameRule {
  readonly holds: (name: string) => boolean;
  readonly text: string;
}
const subdomain: NameRule = {
  holds: isDnsSubdomain,
  text: "an RFC 1123 subdomain: at most 253 of a-z 0-9 - . that begin and end with a letter or digit",
};
const label: NameRule = {
  holds: isDnsLabel,
  text: "an RFC 1123 label: at most 63 of a-z 0-9 - that begin and end with a letter or digit",
};
const dns1035: NameRule = {
  holds: (name) => isDnsLabel(name) && /^[a-z]/.test(name),
  text: "an RFC 1035 label: at most 63 of a-z 0-9 - that begin with a letter and end with a letter or digit",
};
const nameRules: Readonly<Record<string, NameRule>> = { Namespace: label, Service: dns1035 };

export function validateMetadata(metadata: ObjectMeta, info: KindInfo, report: Report): void {
  validateName(metadata, info, report);
  validateNamespace(metadata, info, report);
  validateLabels(metadata.labels, "metadata.labels", report);
  validateAnnotations(metadata.annotations, "metadata.annotations", report);
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    if (!isQualifiedName(finalizer)) {
      report.add(`metadata.finalizers[${index}]`, "Invalid", `must be ${labelKeySyntax}`);
    }
  }
  validateOwners(metadata, report);
}

function validateName({ name, generateName }: ObjectMeta, info: KindInfo, report: Report): void {
  const rule = nameRules[info.kind] ?? subdomain;
  if (name) {
    if (!rule.holds(name)) report.add("metadata.name", "Invalid", `must be ${rule.text}`);
  } else if (!generateName) report.add("metadata.name", "Required", "name or generateName is required");
  if (generateName && !rule.holds(`${generateName}${"x".repeat(generatedSuffixLength)}`)) {
    report.add(
      "metadata.generateName",
      "Invalid",
      `with ${generatedSuffixLength} characters appended, must be ${rule.text}`,
    );
  }
}

function validateNamespace({ namespace }: ObjectMeta, info: KindInfo, report: Report): void {
  if (!info.namespaced) {
    if (namespace)
      report.add("metadata.namespace", "Forbidden", `a ${info.kind} is in no namespace; leave it out`);
  } else if (!namespace) report.add("metadata.namespace", "Required", "is required");
  else if (!isDnsLabel(namespace)) report.add("metadata.namespace", "Invalid", `must be ${label.text}`);
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
  report: Report,
): void {
  let size = 0;
  for (const [key, value] of Object.entries(labels ?? {})) {
    size += key.length + value.length;
    if (!isQualifiedName(key)) report.add(keyPath(path, key), "Invalid", `the key must be ${labelKeySyntax}`);
    if (!isLabelValue(value))
      report.add(keyPath(path, key), "Invalid", `the value must be ${labelValueSyntax}`);
  }
  if (size > maxLabelBytes) {
    report.add(
      path,
      "TooLong",
      `keys and values together have ${size} characters, at most ${maxLabelBytes} are taken`,
    );
  }
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
  report: Report,
): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (!isQualifiedName(key.toLowerCase())) {
      report.add(keyPath(path, key), "Invalid", `the key must be ${labelKeySyntax}`);
    }
  }
  if (size > maxAnnotationBytes) {
    report.add(
      path,
      "TooLong",
      `keys and values together have ${size} bytes, at most ${maxAnnotationBytes} are taken`,
    );
  }
}

function validateOwners({ ownerReferences = [] }: ObjectMeta, report: Report): void {
  for (const [index, owner] of ownerReferences.entries()) {
    const path = `metadata.ownerReferences[${index}]`;
    for (const field of ["apiVersion", "kind", "name", "uid"] as const) {
      if (owner[field] === "") report.add(fieldPath(path, field), "Required", "must not be empty");
    }
  }
  if (ownerReferences.filter((owner) => owner.controller === true).length > 1) {
    report.add("metadata.ownerReferences", "Invalid", "at most one owner may have `controller: true`");
  }
}
