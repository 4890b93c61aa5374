// Syntax of label keys, label values and annotations.
// Source: Kubernetes, "Labels and Selectors" and k8s.io/apimachinery/pkg/util/validation.

import { isDnsSubdomain, maxLabelLength } from "./ids.ts";

/** All annotations of one object together, keys and values, in bytes. */
export const maxAnnotationBytes = 256 * 1024;

const namePart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

export const labelKeySyntax =
  "an optional DNS prefix and `/`, then at most 63 of A-Z a-z 0-9 - _ . that begin and end with a letter or digit";
export const labelValueSyntax =
  "empty, or at most 63 of A-Z a-z 0-9 - _ . that begin and end with a letter or digit";

/** `app`, `app.kubernetes.io/name`. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  if (slash >= 0 && !isDnsSubdomain(text.slice(0, slash))) return false;
  return name.length <= maxLabelLength && namePart.test(name);
}

export const isLabelValue = (text: string): boolean =>
  text === "" || (text.length <= maxLabelLength && namePart.test(text));
