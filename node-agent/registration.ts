// One request to the masters to register this agent, and the pause after so many that failed.

import { type Bus, BusError } from "../actors/mod.ts";
import {
  encode,
  type NodeName,
  nodeSubject,
  type Prefix,
  type RegisterMessage,
  type RegisterReply,
} from "../protocol/mod.ts";
import { readMessage } from "./incoming.ts";

export const registerTimeoutMs = 5000;
export const registerPauseMs = 200;
export const registerPauseMaxMs = 5000;

export type RegistrationAnswer =
  | { readonly type: "answered"; readonly reply: Extract<RegisterReply, { readonly ok: true }> }
  /** Nobody answered, or no: try again later. `refused` is for people: a leader said why. */
  | { readonly type: "failed"; readonly message: string; readonly refused: boolean };

export async function requestRegistration(
  bus: Bus,
  to: { readonly prefix: Prefix; readonly node: NodeName },
  message: RegisterMessage,
): Promise<RegistrationAnswer> {
  try {
    const subject = nodeSubject(to.prefix, to.node, "register");
    const answer = await bus.request(subject, encode(message), { timeoutMs: registerTimeoutMs });
    const reply = readMessage("register-reply", answer.data);
    if (!reply.ok) return { type: "failed", message: reply.error.message, refused: true };
    if (reply.value.ok) return { type: "answered", reply: reply.value };
    return { type: "failed", message: reply.value.error.message, refused: true };
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    return { type: "failed", message: `${error.code}: ${error.message}`, refused: false };
  }
}

export const registerPause = (failures: number): number =>
  Math.min(registerPauseMaxMs, registerPauseMs * 2 ** Math.min(10, Math.max(0, failures - 1)));
