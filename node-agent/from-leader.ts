// What the leader says to this agent, checked as it comes in and handed to whom it is for.

import type { World } from "../actors/mod.ts";
import {
  agentWildcard,
  assertNever,
  encode,
  endpointsWildcard,
  parseNodeSubject,
  type Result,
} from "../protocol/mod.ts";
import type { AgentMessage } from "./agent-message.ts";
import type { AgentView } from "./agent-options.ts";
import { readMessage } from "./incoming.ts";
import type { ServiceSync } from "./service-sync.ts";
import type { StartAgentOptions } from "./start-options.ts";
import type { StreamHost } from "./streams/stream-host.ts";
import type { VolumeDeleter } from "./volume-deleter.ts";

export interface Listening {
  readonly options: StartAgentOptions;
  readonly deleter: VolumeDeleter;
  readonly view: AgentView;
  readonly services: ServiceSync;
  readonly streams: StreamHost;
  readonly logger: World["logger"];
  readonly tell: (message: AgentMessage) => boolean;
}

/** Subscribes to what the leader says; returns what ends it. */
export function listen({
  options,
  view,
  deleter,
  services,
  streams,
  logger,
  tell,
}: Listening): (() => void)[] {
  const { bus, prefix, node } = options;
  const tellAgent = (message: AgentMessage): void => {
    // Dropped ones are made good: heartbeats show where this node stands.
    if (!tell(message))
      logger.warn({ type: message.type }, "the agent's mailbox is full; a message was dropped");
  };
  const fromLeader = bus.subscribe(agentWildcard(prefix, node), (message) => {
    const subject = parseNodeSubject(message.subject);
    const name = subject.ok ? subject.value.message : "";
    const refuse = (error: { readonly message: string }): void =>
      logger.warn({ subject: message.subject, error: error.message }, "a message was refused");
    if (name === "ping") {
      const ping = readMessage("ping", message.data);
      if (!ping.ok) return refuse(ping.error);
      if (view.session !== undefined) message.respond(encode({ version: 1, session: view.session }));
      tellAgent({ type: "log-seen", logId: ping.value.point.logId });
    } else if (name === "stream") {
      const request = readMessage("stream", message.data);
      const reply = request.ok ? streams.open(request.value) : Promise.resolve(request);
      void reply.then((result) => {
        const body = result.ok ? { ok: true, version: 1 } : { ok: false, version: 1, error: result.error };
        message.respond(encode(body));
      });
    } else if (name === "delete-volumes") {
      const order = readMessage("delete-volumes", message.data);
      if (!order.ok) return refuse(order.error);
      // A session that has not begun, or has ended, knows nothing of what is used.
      if (order.value.session === view.session) void deleter.delete(order.value);
    } else if (isForAgent(name)) {
      const word = agentWord(name, message.data);
      if (word.ok) tellAgent(word.value);
      else refuse(word.error);
    }
  });
  const ofServices = bus.subscribe(endpointsWildcard(prefix), ({ data, subject }) => {
    const change = readMessage("endpoints", data);
    if (change.ok) services.change(change.value);
    else logger.warn({ subject, error: change.error.message }, "a message was refused");
  });
  const stopState = bus.onState((state) => {
    if (state === "connected") tellAgent({ type: "connected" });
  });
  return [() => fromLeader.unsubscribe(), () => ofServices.unsubscribe(), stopState];
}

const forAgent = ["assign", "status-committed", "superseded", "lease"] as const;
type ForAgent = (typeof forAgent)[number];
const isForAgent = (name: string): name is ForAgent => forAgent.some((each) => each === name);

function agentWord(name: ForAgent, data: Uint8Array): Result<AgentMessage> {
  switch (name) {
    case "assign":
      return as(name, readMessage(name, data));
    case "status-committed":
      return as(name, readMessage(name, data));
    case "superseded":
      return as(name, readMessage(name, data));
    case "lease":
      return as(name, readMessage(name, data));
    default:
      return assertNever(name, "word of the leader");
  }
}
const as = <Name extends ForAgent, Message>(
  type: Name,
  read: Result<Message>,
): Result<{ readonly type: Name; readonly message: Message }> =>
  read.ok ? { ok: true, value: { type, message: read.value } } : read;
