// Puts a controller's name and the event that set it going on its commands.

import type { Command, CommandEnvelope, Uid } from "../../protocol/mod.ts";
import type { ClusterState, ControllerName } from "../cluster/mod.ts";

/** Commands that one reconcile gives at most. What is left marks the key again as the first ones take effect. */
export const commandsPerReconcile = 500;

export type Order = (command: Command) => CommandEnvelope;

export function ordering(state: ClusterState, controller: ControllerName, uid: Uid): Order {
  const cause = state.causeOf(controller, uid);
  const by = `controller:${controller}`;
  return (command) => ({ by, ...(cause !== undefined && { cause }), command });
}
