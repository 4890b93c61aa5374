// Tells the pods of this node whether their lease goes on: with each heartbeat, and when the leader confirms it.

import type { ActorContext } from "../actors/mod.ts";
import { type AssignedPod, hasLease, type LeaseMessage, type Uid } from "../protocol/mod.ts";
import type { AgentMessage } from "./agent-message.ts";
import type { NodeLeases } from "./leases/node-leases.ts";
import type { PodFleet } from "./pod-fleet.ts";

/** A guard that was just started is looked for again after this. */
const guardWaitMs = 200;

export interface FleetLeasesOptions {
  readonly context: ActorContext<AgentMessage>;
  readonly leases: NodeLeases;
  readonly fleet: PodFleet<AgentMessage>;
}

export class FleetLeases {
  readonly #options: FleetLeasesOptions;

  constructor(options: FleetLeasesOptions) {
    this.#options = options;
  }

  /** Every pod that may run here is in the fleet: the leases of others end. */
  retain(): void {
    const { leases, fleet } = this.#options;
    leases.retain((pod) => fleet.has(pod));
  }

  /** Nothing of any pod is left here. */
  release(): void {
    this.#options.leases.retain(() => false);
  }

  /** Holds the pods whose lease is over. What a heartbeat asks with for leases to go on; undefined without any. */
  look(assigned: Iterable<AssignedPod>): number | undefined {
    const leased = [...assigned].filter(({ pod }) => hasLease(pod));
    if (leased.length === 0) return undefined;
    for (const { uid } of leased) this.#tell(uid);
    return this.#options.leases.now();
  }

  confirmed(message: LeaseMessage): void {
    const { context, leases } = this.#options;
    const renewed = leases.confirmed(message);
    for (const uid of renewed) this.#tell(uid);
    // The guard was not there yet.
    if (renewed.some((uid) => !leases.mayStart(uid))) {
      context.timers.once("lease-look", guardWaitMs, { type: "heartbeat" });
    }
  }

  #tell(pod: Uid): void {
    const { fleet, leases } = this.#options;
    fleet.deliver(pod, { type: "lease", over: !leases.mayStart(pod) });
  }
}
