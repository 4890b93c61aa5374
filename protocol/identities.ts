// Pods that must run at most once by their name: those of stateful sets. Told by the pod itself, since its stateful
// set may be gone while it runs.

import type { ObjectMeta } from "./objects/object.ts";

export const statefulPodNameLabel = "statefulset.kubernetes.io/pod-name";

export const isIdentity = (
  name: string,
  { labels, ownerReferences = [] }: Pick<ObjectMeta, "labels" | "ownerReferences">,
): boolean =>
  labels?.[statefulPodNameLabel] === name ||
  ownerReferences.some(({ kind, controller }) => kind === "StatefulSet" && controller === true);
