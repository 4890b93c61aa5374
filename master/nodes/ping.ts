// Asks one silent agent whether it is there. "No responders" comes within a millisecond when its connection is gone.

import { type Bus, BusError } from "../../actors/mod.ts";
import {
  agentSubject,
  decode,
  encode,
  type LogPoint,
  type NodeName,
  parseMessage,
  type PingMessage,
  type Prefix,
} from "../../protocol/mod.ts";
import type { NodeInput } from "../cluster-message.ts";

/** What the answer, or its absence, says; undefined when it says nothing. */
export async function pingAgent(
  bus: Bus,
  prefix: Prefix,
  node: NodeName,
  { point, timeoutMs }: { readonly point: LogPoint; readonly timeoutMs: number },
): Promise<NodeInput | undefined> {
  const message: PingMessage = { version: 1, point };
  try {
    const reply = await bus.request(agentSubject(prefix, node, "ping"), encode(message), { timeoutMs });
    const body = decode(reply.data, { maxBytes: 1024 });
    const pong = body.ok ? parseMessage("pong", body.value) : body;
    return pong.ok ? { type: "pong", session: pong.value.session } : undefined;
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    return error.code === "NoResponders" ? { type: "no-responders" } : undefined;
  }
}
