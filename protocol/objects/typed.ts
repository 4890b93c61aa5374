// From an object of any kind to the type of its kind.

import type { KindName } from "./kinds.ts";
import type {
  ApiObject,
  Endpoints,
  Namespace,
  Node,
  Pod,
  ReplicaSet,
  ReplicationController,
  Service,
} from "./object.ts";

export interface KindTypes {
  readonly Namespace: Namespace;
  readonly Node: Node;
  readonly Pod: Pod;
  readonly ReplicationController: ReplicationController;
  readonly ReplicaSet: ReplicaSet;
  readonly Service: Service;
  readonly Endpoints: Endpoints;
}

/** Narrows by kind. The object must have passed `admit` or come from the log: its fields are not looked at. */
export const isKind = <K extends KindName>(object: ApiObject, kind: K): object is ApiObject & KindTypes[K] =>
  object.kind === kind;
