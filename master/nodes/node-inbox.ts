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
import type { Responder } from "../outbox.ts";

/** A whole registration or report of the largest node stays well below. */
const largestMessageBytes = 4 * 1024 * 1024;
const complainEveryMs = 5_000;

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
  return bus.subscribe(nodeWildcard(prefix), (message) => {
    if (!leads()) return;
    const parsed = parseNodeMessage(message);
    if (parsed.ok) take(parsed.value.node, parsed.value.input);
    else complain(message.subject, parsed.error.message);
  });
}

export function parseNodeMessage(
  message: BusMessage,
): Result<{ readonly node: NodeName; readonly input: NodeInput }> {
  const parts = parseNodeSubject(message.subject);
  if (!parts.ok) return parts;
  const node = parseNodeName(parts.value.node);
  if (!node.ok) return node;
  const name = nodeMessages.find((known) => known === parts.value.message);
  if (!name) return failure("BadRequest", `agents send no message ${JSON.stringify(parts.value.message)}`);
  const body = decode(message.data, { maxBytes: largestMessageBytes });
  if (!body.ok) return body;
  const input = toInput(name, body.value, message);
  return input.ok ? success({ node: node.value, input: input.value }) : input;
}

function toInput(name: NodeMessageName, body: unknown, bus: BusMessage): Result<NodeInput> {
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

/** One line for many: the first at once, then how many more there were. */
export function createComplaints({
  clock,
  logger,
}: Pick<NodeInboxOptions, "clock" | "logger">): (subject: string, reason: string) => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  let since = 0;
  return (subject, reason) => {
    since++;
    const now = clock.monotonic();
    if (now - lastAt < complainEveryMs) return;
    logger.warn(
      { subject: subject.slice(0, 200), reason: reason.slice(0, 500), dropped: since },
      "a message was dropped",
    );
    lastAt = now;
    since = 0;
  };
}
