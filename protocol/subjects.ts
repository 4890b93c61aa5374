// Builds and takes apart every NATS subject; nothing else may.
// Object names may hold dots, so each token is escaped.

import { failure, quoteValue, type Result, success } from "./errors.ts";
import type { NodeName } from "./ids.ts";

/** First token of every subject and of the stream name; one per cluster on a shared NATS. */
export type Prefix = string;
export const defaultPrefix = "berth";

export const noToken = "_";
export const allToken = "-";

const mustEscape = /[.*>%\s\p{Cc}]|^[_-]$|^$/u;

/** `.`, `*`, `>`, `%`, white space, control characters and a bare `_` or `-` become `%XX`; the empty string becomes `%`. */
export function escapeToken(text: string): string {
  if (!mustEscape.test(text)) return text;
  if (text === "") return "%";
  if (text === noToken) return "%5F";
  if (text === allToken) return "%2D";
  return text.replace(/[.*>%\s\p{Cc}]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}

export function unescapeToken(token: string): Result<string> {
  if (token === "%") return success("");
  try {
    return success(decodeURIComponent(token));
  } catch {
    return failure("BadRequest", `subject token ${JSON.stringify(token)} has a broken %XX escape`);
  }
}

export const apiVerbs = ["get", "list", "watch", "create", "update", "apply", "patch", "delete"] as const;
export type ApiVerb = (typeof apiVerbs)[number];
/** Verbs that change the cluster: they reach every master and the leader alone decides them. */
export const mutatingVerbs: ReadonlySet<ApiVerb> = new Set(["create", "update", "apply", "patch", "delete"]);

/** What an API subject says. An absent part is the token `_`; all namespaces are `allNamespaces`. */
export interface ApiTarget {
  readonly user: string;
  readonly verb: ApiVerb;
  /** `core` for the legacy group, else the group's name (`apps`); `berth` for status, events. */
  readonly group: string;
  /** Plural, lower case: `pods`, `replicationcontrollers`. */
  readonly resource: string;
  readonly namespace?: string;
  /** True for the `-` token: every namespace. */
  readonly allNamespaces?: boolean;
  readonly name?: string;
  /** `status`, `scale`, `log`, `exec`, `why`, `history`, `binding`, `eviction`, `fence`. */
  readonly subresource?: string;
}

const optional = (text: string | undefined): string => (text === undefined ? noToken : escapeToken(text));

export function apiSubject(prefix: Prefix, target: ApiTarget): string {
  const namespace = target.allNamespaces ? allToken : optional(target.namespace);
  const { user, verb, group, resource, name, subresource } = target;
  return [prefix, "api", escapeToken(user), verb, escapeToken(group), escapeToken(resource), namespace]
    .concat(optional(name), optional(subresource))
    .join(".");
}

export function parseApiSubject(prefix: Prefix, subject: string): Result<ApiTarget> {
  const tokens = subject.split(".");
  if (tokens.length !== 9 || tokens[0] !== prefix || tokens[1] !== "api") {
    return failure(
      "BadRequest",
      `expected ${prefix}.api.<user>.<verb>.<group>.<resource>.<namespace>.<name>.<subresource>, found ${quoteValue(subject)}`,
    );
  }
  const verb = apiVerbs.find((known) => known === tokens[3]);
  if (!verb) {
    return failure(
      "MethodNotSupported",
      `verb ${JSON.stringify(tokens[3])} is none of ${apiVerbs.join(", ")}`,
    );
  }
  const texts: (string | undefined)[] = [];
  for (const token of tokens) {
    if (token === noToken || token === allToken) {
      texts.push(undefined);
      continue;
    }
    const text = unescapeToken(token);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  const [, , user, , group, resource, namespace, name, subresource] = texts;
  if (user === undefined || group === undefined || resource === undefined) {
    return failure("BadRequest", `user, group and resource must be named in ${subject}`);
  }
  return success({
    user,
    verb,
    group,
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(tokens[6] === allToken && { allNamespaces: true }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  });
}

/** Every API request, for a master's subscription. */
export const apiWildcard = (prefix: Prefix): string => `${prefix}.api.>`;

/** Requests that change nothing, one subject per verb: who answers reads need not hear every manifest that is applied. */
export const apiReadWildcards = (prefix: Prefix): readonly string[] =>
  apiVerbs.filter((verb) => !mutatingVerbs.has(verb)).map((verb) => `${prefix}.api.*.${verb}.>`);

/** Messages from an agent to the masters. */
export const nodeMessages = [
  "register",
  "heartbeat",
  "usage",
  "status",
  "sync",
  "endpoints-sync",
  "endpoints-ack",
  "config",
  "volume-deleted",
] as const;
export type NodeMessageName = (typeof nodeMessages)[number];
export const nodeSubject = (prefix: Prefix, node: NodeName, message: NodeMessageName): string =>
  `${prefix}.node.${escapeToken(node)}.${message}`;
export const nodeWildcard = (prefix: Prefix): string => `${prefix}.node.*.*`;
export const usageWildcard = (prefix: Prefix): string => `${prefix}.node.*.usage`;

/** Messages from the leader to one agent. */
export const agentMessages = [
  "assign",
  "status-committed",
  "ping",
  "superseded",
  "lease",
  "stream",
  "delete-volumes",
] as const;
export type AgentMessageName = (typeof agentMessages)[number];
export const agentSubject = (prefix: Prefix, node: NodeName, message: AgentMessageName): string =>
  `${prefix}.agent.${escapeToken(node)}.${message}`;
export const agentWildcard = (prefix: Prefix, node: NodeName): string =>
  `${prefix}.agent.${escapeToken(node)}.*`;

/** Splits `<prefix>.<node|agent>.<node>.<message>`. */
export function parseNodeSubject(subject: string): Result<{ node: string; message: string }> {
  const tokens = subject.split(".");
  const [, , node, message] = tokens;
  if (tokens.length !== 4 || node === undefined || message === undefined) {
    return failure("BadRequest", `expected <prefix>.node.<node>.<message>, found ${quoteValue(subject)}`);
  }
  const text = unescapeToken(node);
  return text.ok ? success({ node: text.value, message }) : text;
}

/** Where a figure of a metric stands: of an object, or (without kind and name) of something outside of the cluster. */
export interface MetricSubjectParts {
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly metric: string;
}
export const metricSubject = (
  prefix: Prefix,
  { namespace, kind, name, metric }: MetricSubjectParts,
): string =>
  `${prefix}.metrics.${optional(namespace)}.${optional(kind)}.${optional(name)}.${escapeToken(metric)}`;
export const metricsWildcard = (prefix: Prefix): string => `${prefix}.metrics.*.*.*.*`;

export const endpointsSubject = (prefix: Prefix, namespace: string, service: string): string =>
  `${prefix}.endpoints.${escapeToken(namespace)}.${escapeToken(service)}`;
export const endpointsWildcard = (prefix: Prefix): string => `${prefix}.endpoints.*.*`;

/** Between masters: `beat` (published by the leader), `position` (request; the leader answers its accepted position). */
export const masterMessages = ["beat", "position", "status"] as const;
export type MasterMessageName = (typeof masterMessages)[number];
export const masterSubject = (prefix: Prefix, message: MasterMessageName): string =>
  `${prefix}.master.${message}`;

export interface EventSubjectParts {
  readonly namespace?: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly type: string;
}
export const eventSubject = (prefix: Prefix, { namespace, kind, name, type }: EventSubjectParts): string =>
  `${prefix}.events.${optional(namespace)}.${escapeToken(kind)}.${escapeToken(name)}.${escapeToken(type)}`;

/** Every accepted event, as JSON, best effort. */
export const eventsWildcard = (prefix: Prefix): string => `${prefix}.events.>`;

/** A stream's channel: `in` (to the agent), `out` (to the client). `party` is the user or the node. */
export const streamSubject = (prefix: Prefix, party: string, id: string, channel: string): string =>
  `${prefix}.stream.${escapeToken(party)}.${escapeToken(id)}.${escapeToken(channel)}`;

/** Inboxes carry the user or node, so that NATS permissions can tell them apart. */
export const inboxPrefix = (prefix: Prefix, party: string): string =>
  `_INBOX_${prefix}_${escapeToken(party)}`;

export const logStreamName = (prefix: Prefix): string => `${prefix.toUpperCase()}_LOG`;
export const logSubject = (prefix: Prefix): string => `${prefix}.log`;
