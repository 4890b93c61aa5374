// Which fields of a pod its containers may be told, in their environment and in files.

import { isQualifiedName } from "../labels.ts";

const common = ["metadata.name", "metadata.namespace", "metadata.uid"];
const fieldPaths = {
  environment: [
    ...common,
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
  ],
  volume: [...common, "metadata.labels", "metadata.annotations"],
} as const;
const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

/** What is wrong with a `fieldPath`; undefined when nothing is. */
export function fieldPathProblem(path: string, use: keyof typeof fieldPaths): string | undefined {
  const known: readonly string[] = fieldPaths[use];
  if (known.includes(path)) return undefined;
  const key = keyed.exec(path)?.[2];
  if (key !== undefined && isQualifiedName(key)) return undefined;
  return `must be one of ${[...known, "metadata.labels['key']", "metadata.annotations['key']"].join(", ")}`;
}
