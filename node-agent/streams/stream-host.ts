// Opens logs and exec streams that clients ask for, a bounded number at a time, and ends them with the agent.

import type { Bus, Clock, Logger } from "../../actors/mod.ts";
import {
  assertNever,
  failure,
  type Failure,
  type Prefix,
  type Result,
  type StreamRequest,
  success,
} from "../../protocol/mod.ts";
import { type ContainerRuntime, type ContainerStatusInfo, RuntimeError } from "../runtime/runtime.ts";
import { moveArchive } from "./archive-stream.ts";
import { runExec } from "./exec-stream.ts";
import { FrameChannel } from "./frame-channel.ts";
import { forwardPort } from "./port-stream.ts";
import { sendLogs } from "./log-stream.ts";
import type { OpenStream } from "./open-stream.ts";

export interface StreamHostOptions {
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Open at the same time on one node; more are refused with TooManyRequests. */
export const maxStreams = 128;

export class StreamHost {
  readonly #options: StreamHostOptions;
  readonly #open = new Map<string, FrameChannel>();

  constructor(options: StreamHostOptions) {
    this.#options = options;
  }

  /** Success once the stream is served; NotFound, BadRequest or TooManyRequests otherwise. */
  async open(request: StreamRequest): Promise<Result<void>> {
    if (this.#open.has(request.stream))
      return failure("AlreadyExists", `stream ${request.stream} is open already`);
    if (this.#open.size >= maxStreams) {
      return failure(
        "TooManyRequests",
        `${maxStreams} streams are open on this node; close some and try again`,
      );
    }
    const found = await this.#find(request);
    if (!found.ok) return found;
    if (this.#open.has(request.stream))
      return failure("AlreadyExists", `stream ${request.stream} is open already`);
    const stream = this.#serve(request);
    void this.#run(request, found.value, stream);
    return success(undefined);
  }

  close(): void {
    for (const channel of this.#open.values()) {
      channel.end({ error: { code: "Unavailable", message: "the agent stops; open the stream again" } });
    }
  }

  #serve(request: StreamRequest): OpenStream {
    const { bus, prefix, clock } = this.#options;
    const over = new AbortController();
    const channel: FrameChannel = new FrameChannel({
      bus,
      prefix,
      user: request.user,
      stream: request.stream,
      clock,
      receive: (frame) => stream.input?.(frame) ?? Promise.resolve(),
      closed: () => {
        this.#open.delete(request.stream);
        over.abort();
      },
    });
    const stream: OpenStream = { channel, signal: over.signal, input: undefined };
    this.#open.set(request.stream, channel);
    return stream;
  }

  async #run(request: StreamRequest, container: ContainerStatusInfo, stream: OpenStream): Promise<void> {
    const { runtime, clock, logger } = this.#options;
    try {
      switch (request.kind) {
        case "logs":
          return await sendLogs(request, { runtime, clock, container, stream });
        case "exec":
        case "attach":
          return await runExec(request, { runtime, container, stream });
        case "archive":
          return await moveArchive(request, { runtime, container, stream });
        case "port-forward":
          return await forwardPort(request, { runtime, container, stream });
        default:
          assertNever(request, "stream request");
      }
    } catch (error) {
      if (!(error instanceof RuntimeError)) logger.error({ error, stream: request.stream }, "a stream broke");
      stream.channel.end({ error: failureOf(error) });
    }
  }

  async #find(request: StreamRequest): Promise<Result<ContainerStatusInfo>> {
    const { pod, container: name } = request;
    let all: readonly ContainerStatusInfo[];
    try {
      all = await this.#options.runtime.listContainers();
    } catch (error) {
      return { ok: false, error: failureOf(error) };
    }
    const attempts = all
      .filter((info) => info.pod === pod && info.name === name)
      .toSorted((a, b) => b.attempt - a.attempt);
    const [current, previous] = attempts;
    if (!current) {
      return failure(
        "BadRequest",
        `container "${name}" of pod ${pod} has not been started on this node; try again when it runs`,
      );
    }
    if (request.kind === "logs" && request.previous) {
      return previous
        ? success(previous)
        : failure("BadRequest", `previous terminated container "${name}" of pod ${pod} not found`);
    }
    const needsRunning = request.kind === "exec" || request.kind === "attach";
    if (needsRunning && current.state !== "running") {
      return failure("BadRequest", `container "${name}" of pod ${pod} is not running (${current.state})`);
    }
    return success(current);
  }
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof RuntimeError)) return { code: "Internal", message };
  switch (error.code) {
    case "NotFound":
      return { code: "NotFound", message };
    case "Timeout":
      return { code: "Timeout", message };
    case "Unavailable":
      return { code: "Unavailable", message };
    case "Unsupported":
      return { code: "BadRequest", message };
    case "AlreadyExists":
    case "ErrImageNeverPull":
    case "ErrImagePull":
    case "InvalidImageName":
    case "CreateContainerConfigError":
    case "RunContainerError":
      return { code: "BadRequest", message };
    default:
      return assertNever(error.code, "runtime error code");
  }
}
