// What the agent's actor is made of, and what it shows to those who cannot wait for its mailbox.

import type { Bus } from "../actors/mod.ts";
import type { NodeName, Prefix, SessionId } from "../protocol/mod.ts";
import type { AgentMessage } from "./agent-message.ts";
import type { AgentRecord } from "./agent-record.ts";
import type { ConfigStore } from "./configs/config-store.ts";
import type { AgentHost } from "./host/agent-host.ts";
import type { NodeLeases } from "./leases/node-leases.ts";
import type { NodeDescription } from "./node-description.ts";
import type { PodFleet } from "./pod-fleet.ts";
import type { PodHost } from "./pods/pod-host.ts";
import type { ServiceSync } from "./service-sync.ts";

/** What others see of the agent without asking it: pings and streams are answered past its mailbox. */
export interface AgentView {
  session: SessionId | undefined;
}

export interface AgentOptions {
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly node: NodeName;
  readonly cluster: string;
  readonly host: AgentHost;
  readonly podHost: PodHost;
  readonly services: ServiceSync;
  readonly configs: ConfigStore;
  readonly leases: NodeLeases;
  readonly description: NodeDescription;
  readonly record: AgentRecord | undefined;
  readonly view: AgentView;
  /** Pods that must be known for the runtime to be looked at on their behalf. */
  readonly attach: (fleet: PodFleet<AgentMessage>) => void;
  /** The agent must not go on: the process is to end. */
  readonly giveUp: (error: Error) => void;
}
