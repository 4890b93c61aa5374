// The template that an owner's pods are made of, as it is recorded: with the priority that its class has now.

import {
  type BerthEvent,
  type EventHeader,
  type PodTemplateSpec,
  type Result,
  sameValue,
  success,
} from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow } from "./contract.ts";
import { withPriority } from "./priorities.ts";

export interface RecordedTemplate {
  readonly id: string;
  readonly value: PodTemplateSpec;
  /** What records it, when it is not the owner's present one. */
  readonly events: readonly BerthEvent[];
}

interface Wanted {
  readonly state: ClusterState;
  readonly header: EventHeader;
  readonly owner: ObjectRow;
  readonly value: PodTemplateSpec;
  /** Of a template that is told from the owner's others by more than its generation. */
  readonly id?: string;
}

/** Forbidden while its priority class is not there. */
export function recordedTemplate({ state, header, owner, value, id }: Wanted): Result<RecordedTemplate> {
  const { uid } = owner.ref;
  const spec = value.spec && withPriority(state, value.spec);
  if (spec && !spec.ok) return spec;
  const prioritised = spec && spec.value !== value.spec ? { ...value, spec: spec.value } : value;
  const known = state.templateOf(uid);
  const same = known && (known.value === prioritised || sameValue(known.value, prioritised));
  if (same) return success({ id: known.id, value: known.value, events: [] });
  const base = id ?? `${uid}.${owner.value.metadata.generation ?? 1}`;
  // The class may have been made anew, with another value, under the same template.
  const { priority, preemptionPolicy } = prioritised.spec ?? {};
  const ofClass = prioritised === value ? "" : `.p${priority ?? 0}${preemptionPolicy === "Never" ? "n" : ""}`;
  const template = `${base}${ofClass}`;
  const recorded: BerthEvent = {
    ...header,
    type: "TemplateRecorded",
    object: owner.ref,
    template,
    value: prioritised,
  };
  return success({ id: template, value: prioritised, events: [recorded] });
}
