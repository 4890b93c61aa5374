// The events by which an object leaves the cluster for good.

import type { BerthEvent, EventHeader, ObjectRef } from "../../protocol/mod.ts";
import type { ClusterState } from "./contract.ts";

/** A service takes its Endpoints along. */
export function removalEvents(
  state: ClusterState,
  header: EventHeader,
  object: ObjectRef,
  reason: string,
): readonly BerthEvent[] {
  const events: BerthEvent[] = [{ ...header, type: "ObjectDeleted", object, reason }];
  const endpoints =
    object.kind === "Service" ? state.object("Endpoints", object.namespace, object.name) : undefined;
  if (endpoints) {
    events.push({ ...header, type: "ObjectDeleted", object: endpoints.ref, reason: `service was deleted` });
  }
  return events;
}
