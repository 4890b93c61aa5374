// Actors across the bus. Delivery is best effort, as it is for every message on the bus: who needs more asks
// for an answer, or repeats what is level-triggered.

import type { ActorRef } from "./actor.ts";
import { type Bus, BusError, type BusMessage, type BusSubscription } from "./bus.ts";

/** `send` answers false when the message could not leave: disconnected, closed or too large. */
export function remoteRef<Message>(
  bus: Bus,
  subject: string,
  encode: (message: Message) => Uint8Array,
): ActorRef<Message> {
  return {
    path: `bus:${subject}`,
    send: (message) => {
      if (bus.state !== "connected") return false;
      try {
        bus.publish(subject, encode(message));
        return true;
      } catch (error) {
        if (error instanceof BusError) return false;
        throw error;
      }
    },
  };
}

/** Gives an actor what arrives on a subject; `decode` answers undefined for what is not for it. */
export function exposeActor<Message>(
  bus: Bus,
  subject: string,
  ref: ActorRef<Message>,
  decode: (message: BusMessage) => Message | undefined,
): BusSubscription {
  return bus.subscribe(subject, (message) => {
    const decoded = decode(message);
    if (decoded !== undefined) ref.send(decoded);
  });
}
