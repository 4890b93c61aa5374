// What actions of a pod are done with: its node, its state, and what the actor keeps beside the state.

import type { AssignedVolume, Position } from "../../protocol/mod.ts";
import type { ContainerId } from "../runtime/runtime.ts";
import type { PreparedClaim } from "../volumes/claim-volumes.ts";
import type { PodHost } from "./pod-host.ts";
import type { PodState } from "./pod-state.ts";

/** All but host and state lives only as long as this process. */
export interface ExecutionContext {
  readonly host: PodHost;
  readonly state: PodState;
  /** Service table position that the pod's environment needs. */
  readonly services: Position;
  /** By volume name, once prepared. */
  readonly volumes: Map<string, PreparedClaim>;
  /** Where the data of its claims is. */
  readonly claims: readonly AssignedVolume[];
  /** preStop hooks that run, by container. */
  readonly stopping: Map<ContainerId, Promise<void>>;
  /** Aborted when the pod is to stop: ends waiting for images. */
  readonly signal: AbortSignal;
}
