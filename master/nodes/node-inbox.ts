// Messages of agents as they come from the bus: checked against their schema and their subject before anyone acts on
// them. What is wrong is counted and dropped, and said in the log at a bounded rate.

import type { Bus, BusMessage, BusSubscription, Clock, Logger } from "../../actors/mod.ts";
import {
  decode,
  encode,
  failure,
  type NodeMessageName,
  type NodeName,
  nodeMessages,
  nodeWildcard,
  parseMessage,
  parseNodeName,
  parseNodeSubject,
  type Prefix,
  type Result,
  success,
} from "../../protocol/mod.ts";
import type { NodeInput } from "../cluster-message.ts";
import { createComplaints } from "../complaints.ts";
import type { Responder } from "../outbox.ts";

/** A whole registration or report of the largest node stays well below. */
const largestMessageBytes = 4 * 1024 * 1024;

export interface NodeInboxOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly prefix: Prefix;
  readonly leads: () => boolean;
  readonly take: (node: NodeName, input: NodeInput) => void;
}

export function listenToNodes(options: NodeInboxOptions): BusSubscription {
  const { bus, leads, take, prefix } = options;
  const complain = createComplaints(options);
  const heartbeats = new RepeatedHeartbeats();
  return bus.subscribe(nodeWildcard(prefix), (message) => {
    if (!leads() || isUsage(message.subject)) return;
    const again = heartbeats.find(message);
    if (again) return take(again.node, again.input);
    const parsed = parseNodeMessage(message);
    if (parsed.ok) {
      if (parsed.value.input.type === "heartbeat") heartbeats.note(message, parsed.value);
      take(parsed.value.node, parsed.value.input);
    } else {
      complain(message.subject, parsed.error.message);
      // Who asked is told: the agent of another version says in its own log why it is not registered.
      if (message.reply !== undefined)
        message.respond(encode({ ok: false, version: 1, error: parsed.error }));
    }
  });
}

/** Heartbeats of so many nodes are remembered. */
const rememberedHeartbeats = 20_000;

/** A node where nothing changes says the same each second, byte for byte: that is not decoded and checked again. */
class RepeatedHeartbeats {
  readonly #known = new Map<string, { readonly data: Buffer; readonly heard: NodeHeard }>();

  find({ subject, data }: BusMessage): NodeHeard | undefined {
    const known = this.#known.get(subject);
    return known?.data.equals(data) ? known.heard : undefined;
  }

  note({ subject, data }: BusMessage, heard: NodeHeard): void {
    if (this.#known.size >= rememberedHeartbeats) this.#known.clear();
    this.#known.set(subject, { data: Buffer.from(data), heard });
  }
}

/** Every master hears these by itself (figures/); they are the most bytes of all that agents say. */
const isUsage = (subject: string): boolean => subject.endsWith(".usage");

interface NodeHeard {
  readonly node: NodeName;
  readonly input: NodeInput;
}

export function parseNodeMessage(message: BusMessage): Result<NodeHeard> {
  const parts = parseNodeSubject(message.subject);
  if (!parts.ok) return parts;
  const node = parseNodeName(parts.value.node);
  if (!node.ok) return node;
  const name = nodeMessages.find((known) => known === parts.value.message);
  if (!name || name === "usage")
    return failure("BadRequest", `agents send no message ${JSON.stringify(parts.value.message)}`);
  const body = decode(message.data, { maxBytes: largestMessageBytes });
  if (!body.ok) return body;
  const input = toInput(name, body.value, message);
  return input.ok ? success({ node: node.value, input: input.value }) : input;
}

function toInput(name: Exclude<NodeMessageName, "usage">, body: unknown, bus: BusMessage): Result<NodeInput> {
  switch (name) {
    case "register": {
      const message = parseMessage("register", body);
      return message.ok ? success({ type: name, message: message.value, responder: answerTo(bus) }) : message;
    }
    case "endpoints-sync": {
      const message = parseMessage("endpoints-sync", body);
      return message.ok ? success({ type: name, message: message.value, responder: answerTo(bus) }) : message;
    }
    case "config": {
      const message = parseMessage("config", body);
      return message.ok ? success({ type: name, message: message.value, responder: answerTo(bus) }) : message;
    }
    case "heartbeat": {
      const message = parseMessage("heartbeat", body);
      return message.ok ? success({ type: name, message: message.value }) : message;
    }
    case "status": {
      const message = parseMessage("status", body);
      return message.ok ? success({ type: name, message: message.value }) : message;
    }
    case "sync": {
      const message = parseMessage("sync", body);
      return message.ok ? success({ type: name, message: message.value }) : message;
    }
    case "volume-deleted": {
      const message = parseMessage("volume-deleted", body);
      return message.ok ? success({ type: name, message: message.value }) : message;
    }
    case "endpoints-ack": {
      const message = parseMessage("endpoints-ack", body);
      return message.ok ? success({ type: name, message: message.value }) : message;
    }
  }
}

/** An agent that gets no answer asks again, whoever leads then. */
const answerTo = (message: BusMessage): Responder => ({
  respond: (reply) => message.respond(encode(reply)),
  abandon: () => undefined,
});
