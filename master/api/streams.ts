// Logs, exec and their like: finds the pod's node and asks its agent to open the stream. The data then flows between agent and
// client on subjects of their own, past the master.

import { type Bus, BusError } from "../../actors/mod.ts";
import {
  agentSubject,
  type ApiReply,
  type ApiTarget,
  assertNever,
  decode,
  encode,
  failure,
  parseMessage,
  type Position,
  type Prefix,
  type Result,
  type StreamOptions,
  type StreamRequest,
  success,
} from "../../protocol/mod.ts";
import type { PodLocation } from "../cluster-message.ts";
import { chooseContainer } from "./choose-container.ts";
import { defaultNamespace } from "./target-kind.ts";

/** The agent answers when the stream is open; a container's engine may take its time. */
const openTimeoutMs = 10_000;

export type StreamKind = StreamRequest["kind"];

const createKinds: Readonly<Record<string, StreamKind>> = {
  exec: "exec",
  attach: "attach",
  archive: "archive",
  portforward: "port-forward",
};

/** `get pods … log` and `create pods … exec|attach|archive|portforward`. */
export function streamKindOf({ verb, resource, subresource }: ApiTarget): StreamKind | undefined {
  if (resource !== "pods") return undefined;
  if (verb === "get" && subresource === "log") return "logs";
  return verb === "create" && subresource !== undefined ? createKinds[subresource] : undefined;
}

export interface OpenStream {
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly kind: StreamKind;
  readonly target: ApiTarget;
  readonly options: StreamOptions | undefined;
  readonly position: Position;
  readonly locate: (namespace: string, name: string) => Promise<Result<PodLocation>>;
}

/** Errors: BadRequest, NotFound, Conflict (no node yet), Unavailable (its agent is away), or what the agent says. */
export async function openStream(open: OpenStream): Promise<Result<ApiReply>> {
  const { bus, prefix, target, options, position } = open;
  if (target.name === undefined || !options) {
    return failure(
      "BadRequest",
      "a stream needs the pod's name in the subject and `stream` with an id in the body",
    );
  }
  const namespace = target.namespace ?? defaultNamespace;
  const pod = await open.locate(namespace, target.name);
  if (!pod.ok) return pod;
  const { node, uid, spec, annotations } = pod.value;
  const where = `${namespace}/${target.name}`;
  if (node === undefined) return failure("Conflict", `pod ${where} is not on a node yet; look at why`);
  const container = chooseContainer({ spec, annotations, wanted: options.container, where });
  if (!container.ok) return container;
  const head = {
    version: 1,
    stream: options.id,
    user: target.user,
    pod: uid,
    container: container.value,
  } as const;
  const request = streamRequest(head, open.kind, options);
  if (!request.ok) return request;
  try {
    const subject = agentSubject(prefix, node, "stream");
    const reply = await bus.request(subject, encode(request.value), { timeoutMs: openTimeoutMs });
    const body = decode(reply.data);
    const opened = body.ok ? parseMessage("stream-reply", body.value) : body;
    if (!opened.ok) return opened;
    if (!opened.value.ok) return { ok: false, error: opened.value.error };
    const answer = { type: "stream", stream: options.id, container: container.value } as const;
    return success({ ok: true, version: 1, position, ...answer });
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    return failure(
      "Unavailable",
      `the agent of node ${node} can't be reached for ${where}: ${error.message}`,
    );
  }
}

type StreamHead = Pick<StreamRequest, "version" | "stream" | "user" | "pod" | "container">;

function streamRequest(head: StreamHead, kind: StreamKind, options: StreamOptions): Result<StreamRequest> {
  switch (kind) {
    case "logs": {
      const {
        follow = false,
        previous = false,
        timestamps = false,
        tailLines,
        sinceSeconds,
        limitBytes,
      } = options;
      return success({
        ...head,
        kind,
        follow,
        previous,
        timestamps,
        ...(tailLines !== undefined && { tailLines }),
        ...(sinceSeconds !== undefined && { sinceSeconds }),
        ...(limitBytes !== undefined && { limitBytes }),
      });
    }
    case "exec": {
      const { command = [], stdin = false, tty = false } = options;
      if (command.length === 0) return failure("BadRequest", "exec needs a command");
      return success({ ...head, kind, command, stdin, tty });
    }
    case "attach": {
      const { stdin = false, tty = false, replay } = options;
      return success({ ...head, kind, stdin, tty, ...(replay && { replay }) });
    }
    case "archive": {
      const { archive } = options;
      if (!archive) return failure("BadRequest", "files need `archive` with an operation and a path");
      return success({ ...head, kind, ...archive });
    }
    case "port-forward": {
      const { port } = options;
      if (port === undefined) return failure("BadRequest", "a forwarded connection needs a port");
      return success({ ...head, kind, port });
    }
    default:
      return assertNever(kind);
  }
}
