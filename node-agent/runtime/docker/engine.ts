// The connection to a Docker engine: where it is, how many calls at a time, and what its errors mean to us.

import Dockerode from "dockerode";
import type { Clock } from "../../../actors/mod.ts";
import { failure, type Result, success } from "../../../protocol/mod.ts";
import { RuntimeError, type RuntimeErrorCode } from "../runtime.ts";

/** Where the engine listens: a socket's path, or an address as in DOCKER_HOST (unix://, tcp://, http://). */
export interface EngineAddress {
  readonly socketPath?: string;
  readonly host?: string;
}

/** Calls that change or read something at a time; the others wait. More only makes the engine slower. */
const callLimit = 16;

export function connectEngine(address: EngineAddress): Dockerode {
  const text = address.socketPath
    ? `unix://${address.socketPath}`
    : (address.host ?? "unix:///var/run/docker.sock");
  if (text.startsWith("unix://")) return new Dockerode({ socketPath: text.slice("unix://".length) });
  const url = new URL(text.replace(/^tcp:/, "http:"));
  const protocol = url.protocol === "https:" ? "https" : "http";
  return new Dockerode({
    protocol,
    host: url.hostname,
    port: url.port || (protocol === "https" ? 2376 : 2375),
  });
}

/** A call that takes longer has failed: the engine hangs. Creating on a busy host can take many seconds. */
const callTimeoutMs = 120_000;

/** Runs at most so many calls at a time, in order of arrival. Rejects with Timeout when the engine hangs. */
export class CallQueue {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(clock: Clock, limit = callLimit) {
    this.#clock = clock;
    this.#limit = limit;
  }

  async run<Value>(call: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    const timeout = Promise.withResolvers<never>();
    const cancel = this.#clock.after(callTimeoutMs, () => {
      timeout.reject(new RuntimeError("Timeout", `the engine has not answered within ${callTimeoutMs} ms`));
    });
    try {
      return await Promise.race([call(), timeout.promise]);
    } finally {
      cancel();
      // The place goes to the next in line without becoming free in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** HTTP status of an engine's error; undefined when it was no answer at all. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof Error && "statusCode" in error && typeof error.statusCode === "number") {
    return error.statusCode;
  }
  return undefined;
}

/** The engine's own words, without what docker-modem puts around them. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("json" in error && typeof error.json === "object" && error.json !== null && "message" in error.json) {
    return String(error.json.message);
  }
  return error.message;
}

/** What a failed call means. `otherwise` is the code for answers that tell nothing more precise. */
export function toRuntimeError(error: unknown, what: string, otherwise: RuntimeErrorCode): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const status = statusOf(error);
  const message = messageOf(error);
  const code = codeOf(status, message, otherwise);
  return new RuntimeError(code, `${what}: ${message}`, { cause: error });
}

function codeOf(status: number | undefined, message: string, otherwise: RuntimeErrorCode): RuntimeErrorCode {
  if (status === undefined) return "Unavailable";
  if (
    /executable file not found|no such file or directory.*exec|exec:.*(permission denied|no such file)|exec format error/is.test(
      message,
    )
  ) {
    return "CreateContainerConfigError";
  }
  if (/no such image/i.test(message)) return "ErrImagePull";
  if (status === 400) return "CreateContainerConfigError";
  if (status === 404) return "NotFound";
  return otherwise;
}

export interface DockerVersions {
  readonly version: string;
  readonly apiVersion: string;
  readonly architecture: string;
  /** containerd, runc, kernel, … */
  readonly components: Readonly<Record<string, string>>;
}

export async function readVersions(docker: Dockerode): Promise<DockerVersions> {
  const version: unknown = await docker.version();
  const text = (value: unknown, name: string): string =>
    typeof value === "object" && value !== null && name in value ? String(Reflect.get(value, name)) : "";
  const list: unknown =
    typeof version === "object" && version !== null ? Reflect.get(version, "Components") : [];
  const components: Record<string, string> = { kernel: text(version, "KernelVersion") };
  for (const part of Array.isArray(list) ? list : []) {
    components[text(part, "Name").toLowerCase()] = text(part, "Version");
  }
  return {
    version: text(version, "Version"),
    apiVersion: text(version, "ApiVersion"),
    architecture: text(version, "Arch"),
    components,
  };
}

/** Is an engine there, and which? Fails with Unavailable and the reason. */
export async function probeDocker(address: EngineAddress = {}): Promise<Result<DockerVersions>> {
  try {
    return success(await readVersions(connectEngine(address)));
  } catch (error) {
    const where = address.socketPath ?? address.host ?? "/var/run/docker.sock";
    return failure("Unavailable", `no Docker engine answers at ${where}: ${messageOf(error)}`);
  }
}
