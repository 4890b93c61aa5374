// Accepted events as JSON on subjects that people and dashboards subscribe to. Best effort: the log is the truth.

import { type Bus, BusError } from "../../actors/mod.ts";
import { encodeJson, eventSubject, type Positioned, type Prefix } from "../../protocol/mod.ts";
import type { FoldListener } from "./accepted-fold.ts";

/** Subject tokens of events that concern no object. */
export const clusterKind = "Cluster";
export const clusterName = "cluster";

/** An event as it is published: with its place in the log and, flat, what it concerns. */
export type PublishedEvent = Positioned & {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
};

export interface EventPublisherOptions {
  readonly bus: Bus;
  readonly prefix: Prefix;
  /** Only the leader's read side publishes, and nothing that it reads while catching up. */
  readonly isDue: () => boolean;
}

export function createEventPublisher({ bus, prefix, isDue }: EventPublisherOptions): FoldListener {
  return {
    afterCommit(events) {
      if (!isDue() || bus.state !== "connected") return;
      for (const event of events) publishEvent(bus, prefix, event);
    },
  };
}

function publishEvent(bus: Bus, prefix: Prefix, event: Positioned): void {
  const { kind, namespace, name } =
    "object" in event ? event.object : { kind: clusterKind, namespace: undefined, name: clusterName };
  const about = { kind, ...(namespace !== undefined && { namespace }), name };
  const published: PublishedEvent = { ...event, ...about };
  try {
    bus.publish(eventSubject(prefix, { ...about, type: event.type }), encodeJson(published));
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
  }
}
