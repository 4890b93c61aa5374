// The selector of a job and the labels that its pods get for it, made when it is created, as they hold its uid.

import type { ApiObject, ObjectRef } from "../../protocol/mod.ts";
import { jobSpecOf } from "./batch-specs.ts";

/** Kubernetes keeps the older names beside the newer ones. */
const labelsOf = ({ uid, name }: ObjectRef): Readonly<Record<string, string>> => ({
  "batch.kubernetes.io/controller-uid": uid,
  "batch.kubernetes.io/job-name": name,
  "controller-uid": uid,
  "job-name": name,
});

/** Other kinds stay as they are. */
export function withOwnLabels(value: ApiObject, ref: ObjectRef): ApiObject {
  if (value.kind !== "Job") return value;
  const spec = jobSpecOf(value);
  const { template } = spec;
  const labels = { ...template.metadata?.labels, ...labelsOf(ref) };
  return {
    ...value,
    spec: {
      ...spec,
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": ref.uid } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
