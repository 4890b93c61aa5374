// What pods of one owner share by reference: spec, labels, annotations, and what follows from them.

import type { OwnerReference, PodSpec, PodTemplateSpec, Uid } from "../../protocol/mod.ts";
import type { Resources } from "./contract.ts";
import { hostPortsOf, requestsOf } from "./pod-needs.ts";

export interface Template {
  readonly id: string;
  readonly value: PodTemplateSpec;
  readonly spec: PodSpec;
  readonly labels: Record<string, string> | undefined;
  readonly annotations: Record<string, string> | undefined;
  readonly finalizers: string[] | undefined;
  readonly requests: Resources;
  readonly hostPorts: readonly string[];
  /** One array for all pods of this owner; made with the first pod, as the event names the owner. */
  readonly owners: Map<Uid, OwnerReference[]>;
}

export function makeTemplate(id: string, value: PodTemplateSpec): Template {
  const spec: PodSpec = value.spec ?? { containers: [] };
  return {
    id,
    value,
    spec,
    labels: value.metadata?.labels,
    annotations: value.metadata?.annotations,
    finalizers: value.metadata?.finalizers,
    requests: requestsOf(spec),
    hostPorts: hostPortsOf(spec),
    owners: new Map(),
  };
}

export function sharedOwners(template: Template, owner: OwnerReference): OwnerReference[] {
  const uid = owner.uid as Uid;
  let owners = template.owners.get(uid);
  if (!owners) template.owners.set(uid, (owners = [owner]));
  return owners;
}
