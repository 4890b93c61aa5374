// Which rendered objects an event may change. Too many costs a comparison; too few would hide a change from watches.

import type { BerthEvent, NodeName } from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/contract.ts";

export interface ObjectKey {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export const keyText = ({ kind, namespace = "", name }: ObjectKey): string => `${kind}/${namespace}/${name}`;

/** `isWatched` saves looking for what nobody waits for. */
export function touchedBy(
  event: BerthEvent,
  state: ClusterState,
  isWatched: (kind: string) => boolean,
): readonly ObjectKey[] {
  if (!("object" in event) || event.type === "ReportsReceived") return [];
  const touched: ObjectKey[] = [];
  const add = (key: ObjectKey): void => {
    if (isWatched(key.kind)) touched.push(key);
  };
  const { kind, namespace, name } = event.object;
  add({ kind, name, ...(namespace !== undefined && { namespace }) });
  // A service's endpoints are an object of their own, with events of the service.
  if (kind === "Service" && namespace !== undefined) add({ kind: "Endpoints", namespace, name });
  // A node's silence takes the readiness of its pods with it.
  if (kind === "Node" && isWatched("Pod") && event.type !== "NodeStatusObserved") {
    for (const { ref } of state.podsOnNode(name as NodeName)) add(ref);
  }
  return touched;
}
