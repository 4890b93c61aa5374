// Who controls an object, and which control loop looks after what an owner controls.

import type { ObjectRef, OwnerReference, Uid } from "../../protocol/mod.ts";
import type { ControllerName } from "./contract.ts";

/** Uid of the owner that controls. */
export const controllerOf = (owners: readonly OwnerReference[] | undefined): Uid | undefined =>
  owners?.find(({ controller }) => controller === true)?.uid as Uid | undefined;

/** The control loop that keeps the pods of an owner of this kind. */
export function podController(kind: string): ControllerName | undefined {
  if (kind === "ReplicaSet" || kind === "ReplicationController") return "replication";
  if (kind === "StatefulSet") return "stateful-set";
  if (kind === "Job") return "job";
  return kind === "DaemonSet" ? "daemon-set" : undefined;
}

export const ownerReference = ({ kind, name, uid }: ObjectRef, apiVersion: string): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
