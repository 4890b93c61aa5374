// The pod template of an owner that gives each of its pods something of its own: jobs and stateful sets.

import {
  type ApiObject,
  type Container,
  failure,
  type PodTemplateSpec,
  type Result,
  statefulTemplateOf,
  success,
} from "../../protocol/mod.ts";
import {
  completionIndexKey,
  jobFinalizer,
  jobSpecOf,
  revisionHashLabel,
  statefulSetSpecOf,
} from "./batch-specs.ts";
import type { ClusterState, ObjectRow } from "./contract.ts";
import { controllerOf } from "./controlling.ts";

export interface MemberTemplate {
  /** Distinguishes it from the owner's other templates. */
  readonly id: string;
  readonly value: PodTemplateSpec;
}

export function memberTemplate(
  state: ClusterState,
  row: ObjectRow,
  revision: string | undefined,
): Result<MemberTemplate> {
  const { uid, kind, namespace } = row.ref;
  if (revision === undefined) {
    const value = kind === "Job" ? jobTemplate(row.value) : statefulTemplateOf(statefulSetSpecOf(row.value));
    return success({ id: `${uid}.${row.value.metadata.generation ?? 1}`, value });
  }
  const kept = state.object("ControllerRevision", namespace, revision);
  if (!kept || controllerOf(kept.value.metadata.ownerReferences) !== uid) {
    return failure("NotFound", `${row.ref.name} has no revision ${revision}`);
  }
  const spec = statefulSetSpecOf(row.value);
  const value = statefulTemplateOf({ ...spec, template: revisionTemplate(kept.value) });
  return success({ id: `${uid}.${revision}`, value: withLabel(value, revisionHashLabel, revision) });
}

/** A revision's data is a patch of its owner, as Kubernetes writes it: `{spec: {template}}`. */
export function revisionTemplate(value: ApiObject): PodTemplateSpec {
  const data = value["data"] as { readonly spec?: { readonly template?: PodTemplateSpec } } | undefined;
  return data?.spec?.template ?? {};
}

const withLabel = (template: PodTemplateSpec, key: string, value: string): PodTemplateSpec => ({
  ...template,
  metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [key]: value } },
});

/** Pods are held until they are counted; those of an indexed job find their index in their environment. */
function jobTemplate(value: ApiObject): PodTemplateSpec {
  const { template, completionMode } = jobSpecOf(value);
  const { metadata, spec } = template;
  const finalizers = [...(metadata?.finalizers ?? []).filter((name) => name !== jobFinalizer), jobFinalizer];
  const held = { ...template, metadata: { ...metadata, finalizers } };
  if (completionMode !== "Indexed" || !spec) return held;
  return {
    ...held,
    spec: {
      ...spec,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndex) }),
    },
  };
}

const indexVariable = "JOB_COMPLETION_INDEX";

function withIndex(container: Container): Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldRef = { apiVersion: "v1", fieldPath: `metadata.annotations['${completionIndexKey}']` };
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef } }] };
}
