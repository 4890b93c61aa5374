// Whether a pod's tolerations cover a taint (source: Kubernetes API, core/v1 Toleration).

import type { Taint, Toleration } from "../../protocol/mod.ts";

export function covers(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  const operator = toleration.operator || "Equal";
  // An empty key with Exists tolerates everything.
  if (!toleration.key) return operator === "Exists";
  if (toleration.key !== taint.key) return false;
  return operator === "Exists" || (toleration.value ?? "") === (taint.value ?? "");
}

export const tolerates = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean =>
  tolerations !== undefined && tolerations.some((toleration) => covers(toleration, taint));
