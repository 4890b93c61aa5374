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

/** A change that this driver makes itself. */
export type OwnDoing = "start" | "removal";

export interface EventListener {
  emit(event: RuntimeEvent): void;
  /** True while that is being done to the container here: then its events tell nothing new. */
  isOwnDoing(id: string, doing: OwnDoing): boolean;
}

export class EventStream {
  readonly #docker: Dockerode;
  readonly #owner: Owner;
  readonly #world: World;
  readonly #listener: EventListener;
  #abort = new AbortController();
  #retryMs = firstRetryMs;
  #retry: Cancel | undefined;
  #started = false;

  constructor(docker: Dockerode, owner: Owner, world: World, listener: EventListener) {
    this.#docker = docker;
    this.#owner = owner;
    this.#world = world;
    this.#listener = listener;
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
        // What was merely created does nothing yet: whoever created it starts it.
        event: ["start", "die", "destroy", "pause", "unpause"],
      },
      abortSignal: this.#abort.signal,
    });
    this.#retryMs = firstRetryMs;
    // The first connection counts as a gap too: what happened before it was not heard.
    this.#listener.emit({ type: "resync" });
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > lineLimit) throw new Error("the engine's event is too long");
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    const parsed = parseEvent(line);
    if (parsed && !this.#isOwn(parsed)) this.#listener.emit(parsed.event);
  }

  #isOwn({ id, action }: ParsedEvent): boolean {
    if (action === "start") return this.#listener.isOwnDoing(id, "start");
    return this.#listener.isOwnDoing(id, "removal");
  }
}

interface ParsedEvent {
  readonly id: string;
  readonly action: string;
  readonly event: RuntimeEvent;
}

/** One line of the engine's event stream; undefined when it is none of a container. */
function parseEvent(line: string): ParsedEvent | undefined {
  const text = parseJson(line);
  const actor = member(text, "Actor");
  const id = member(actor, "ID");
  const attributes = member(actor, "Attributes");
  if (typeof id !== "string") return undefined;
  const pod = member(attributes, labelNames.podUid);
  const known = typeof pod === "string" ? { pod: pod as Uid } : {};
  const action = String(member(text, "Action"));
  const isSandbox = member(attributes, labelNames.kind) === "sandbox";
  const event: RuntimeEvent = isSandbox
    ? { type: "sandbox-changed", ...known }
    : { type: "container-changed", ...known, container: id as ContainerId };
  return { id, action, event };
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
