// The engine's events about our containers: one connection, made again when it breaks, "resync" after each gap.

import type Dockerode from "dockerode";
import type { Cancel, World } from "../../../actors/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import type { ContainerId, RuntimeEvent } from "../runtime.ts";
import { labelNames, type Owner, ownerFilter } from "./labels.ts";

const firstRetryMs = 100;
const longestRetryMs = 5000;
/** One event's text; what is longer is not from an engine. */
const lineLimit = 256 * 1024;

export class EventStream {
  readonly #docker: Dockerode;
  readonly #owner: Owner;
  readonly #world: World;
  readonly #emit: (event: RuntimeEvent) => void;
  #abort = new AbortController();
  #retryMs = firstRetryMs;
  #retry: Cancel | undefined;
  #started = false;

  constructor(docker: Dockerode, owner: Owner, world: World, emit: (event: RuntimeEvent) => void) {
    this.#docker = docker;
    this.#owner = owner;
    this.#world = world;
    this.#emit = emit;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#run();
  }

  stop(): void {
    this.#abort.abort();
    this.#retry?.();
  }

  async #run(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#world.logger.warn({ error }, "the engine's event stream broke");
    }
    if (this.#abort.signal.aborted) return;
    this.#retry = this.#world.clock.after(this.#retryMs, () => void this.#run());
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
  }

  async #read(): Promise<void> {
    const stream = await this.#docker.getEvents({
      filters: {
        type: ["container"],
        label: ownerFilter(this.#owner),
        event: ["create", "start", "die", "destroy", "pause", "unpause"],
      },
      abortSignal: this.#abort.signal,
    });
    this.#retryMs = firstRetryMs;
    // The first connection counts as a gap too: what happened before it was not heard.
    this.#emit({ type: "resync" });
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > lineLimit) throw new Error("the engine's event is too long");
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    const event = parseEvent(line);
    if (event) this.#emit(event);
  }
}

/** One line of the engine's event stream; undefined when it is none of a container. */
export function parseEvent(line: string): RuntimeEvent | undefined {
  const actor = member(parseJson(line), "Actor");
  const id = member(actor, "ID");
  const attributes = member(actor, "Attributes");
  if (typeof id !== "string") return undefined;
  const pod = member(attributes, labelNames.podUid);
  const known = typeof pod === "string" ? { pod: pod as Uid } : {};
  if (member(attributes, labelNames.kind) === "sandbox") return { type: "sandbox-changed", ...known };
  return { type: "container-changed", ...known, container: id as ContainerId };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
