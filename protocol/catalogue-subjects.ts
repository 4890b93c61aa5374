// Every subject with what travels on it, for docs/subjects.md. Subjects are made by subjects.ts, from words in
// capitals that stand for names.

import type { NodeName } from "./ids.ts";
import {
  type AgentMessageName,
  agentMessages,
  agentSubject,
  apiSubject,
  defaultPrefix as prefix,
  endpointsSubject,
  eventSubject,
  inboxPrefix,
  logSubject,
  type MasterMessageName,
  masterMessages,
  masterSubject,
  metricSubject,
  type NodeMessageName,
  nodeMessages,
  nodeSubject,
  streamSubject,
} from "./subjects.ts";

export interface SubjectRow {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly what: string;
}

const node = "NODE" as NodeName;

const nodeTexts: Readonly<Record<NodeMessageName, string>> = {
  register: "Request: opens a session. Answered with the session, the log's point and the address ranges.",
  heartbeat: "Every second: which assignment is applied (position and digest), which endpoints.",
  usage:
    "Every 10 s (`--usage-interval`), in JSON: CPU and memory in use of the node and of each container. Never in the log; every master keeps the newest.",
  status: "Numbered report of pods' newest status; sent again until it is committed.",
  sync: "Asks for the whole assignment.",
  "endpoints-sync": "Request: asks for the whole table of services.",
  "endpoints-ack": "The node's data plane has every endpoint change up to a position.",
  config:
    "Request: asks for a config map or secret that a pod of this node uses; a secret comes sealed to the node's key.",
  "volume-deleted": "The data of a released volume is gone from the node, or why it could not be deleted.",
};
const agentTexts: Readonly<Record<AgentMessageName, string>> = {
  assign: "The pods that the node should run: all of them, or what changed between two positions.",
  "status-committed": "Reports up to a number are in the log.",
  ping: "Request: is the agent there? Asked when a heartbeat is missed.",
  superseded: "Another agent registered under this name; this session ends.",
  lease: "Pods with `fencing: Lease` may run for a lease's time from the sending of a heartbeat.",
  stream: "Request: opens logs or exec.",
  "delete-volumes":
    "Released volumes whose data the node is to delete; said again until it says that it is gone.",
};
const masterTexts: Readonly<Record<MasterMessageName, string>> = {
  beat: "The leader is there, although it has nothing to commit.",
  position: "Request: how far is the log accepted? The leader answers.",
  status: "Request: what a master knows of itself, for `berth status`.",
};

const rows: readonly SubjectRow[] = [
  {
    subject: apiSubject(prefix, {
      user: "USER",
      verb: "get",
      group: "GROUP",
      resource: "RESOURCE",
      namespace: "NAMESPACE",
      name: "NAME",
      subresource: "SUBRESOURCE",
    }).replace(".get.", ".VERB."),
    from: "client",
    to: "masters",
    what: "Requests of the API; always this many tokens. The user's NATS permissions say which it may publish.",
  },
  {
    subject: eventSubject(prefix, { namespace: "NAMESPACE", kind: "KIND", name: "NAME", type: "TYPE" }),
    from: "leader",
    to: "anyone",
    what: "Accepted events as JSON, best effort. See [events](events.md).",
  },
  ...nodeMessages.map((message) => ({
    subject: nodeSubject(prefix, node, message),
    from: "agent",
    to: message === "usage" ? "masters" : "leader",
    what: nodeTexts[message],
  })),
  ...agentMessages.map((message) => ({
    subject: agentSubject(prefix, node, message),
    from: "leader",
    to: "agent",
    what: agentTexts[message],
  })),
  {
    subject: endpointsSubject(prefix, "NAMESPACE", "SERVICE"),
    from: "leader",
    to: "agents",
    what: "One service as data planes need it, or its removal; changes form a chain by position.",
  },
  {
    subject: metricSubject(prefix, { namespace: "NAMESPACE", kind: "KIND", name: "NAME", metric: "METRIC" }),
    from: "any program",
    to: "masters",
    what: 'A figure that autoscalers may follow, in JSON: `12`, or `{"value": "1500m", "ttlSeconds": 60}`. Every master keeps the newest of each. An external metric has `_` for kind and name, and may have `labels`.',
  },
  ...masterMessages.map((message) => ({
    subject: masterSubject(prefix, message),
    from: "master",
    to: "masters",
    what: masterTexts[message],
  })),
  {
    subject: streamSubject(prefix, "USER", "ID", "out"),
    from: "agent",
    to: "client",
    what: "Frames of logs and exec: output, and the end.",
  },
  {
    subject: streamSubject(prefix, "USER", "ID", "in"),
    from: "client",
    to: "agent",
    what: "Frames of exec: input, resizes, acknowledgements.",
  },
  {
    subject: logSubject(prefix),
    from: "leader",
    to: "the log",
    what: "Commits. Only masters may publish here; it is the subject of the JetStream stream.",
  },
  {
    subject: `${inboxPrefix(prefix, "PARTY")}.>`,
    from: "anyone asked",
    to: "asker",
    what: "Replies, and the messages of watches; the user or node is in the name so that permissions can tell them apart.",
  },
];

/** `berth.node.NODE.status` is shown as `berth.node.<node>.status`. */
export const subjectRows: readonly SubjectRow[] = rows.map((row) => ({
  ...row,
  subject: row.subject.replace(/(?<=[._])[A-Z]{2,}(?=\.|$)/g, (word) => `<${word.toLowerCase()}>`),
}));
