// The answer to "why is it so": how the object stands now, what happened to it, and for each step the chain of
// causes that the log holds, back to the command of a person. Works alike for objects that are long gone.

import {
  describeEvent,
  failure,
  type ObjectRef,
  type Position,
  type Positioned,
  type Result,
  success,
  type WhyNode,
} from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/contract.ts";
import type { EventReader } from "./event-reader.ts";
import type { HistoryIndex, ObjectEntry, ObjectName } from "./history-index.ts";
import { nameOf, presentState } from "./present-state.ts";
import { chooseTold, telling } from "./told-events.ts";

/** Newest events of an object that are looked at for its story. */
export const eventsLookedAt = 200;
/** Steps of a chain of causes. */
export const longestChain = 32;
/** Other objects whose state is told as the reason for this one's. */
export const reasonsTold = 3;
/** Events of such an object. */
const eventsOfReason = 3;

export interface HistorySources {
  readonly state: ClusterState;
  readonly index: HistoryIndex;
  readonly reader: EventReader;
}

/** NotFound when the log, as far back as it reaches, knows no object of this name. */
export async function why(sources: HistorySources, name: ObjectName): Promise<Result<WhyNode>> {
  // Endpoints that no user made have no events of their own: they are what their service's events say.
  const names = name.kind === "Endpoints" ? [name, { ...name, kind: "Service" }] : [name];
  const [entry] = names.flatMap((known) => sources.index.named(known));
  if (!entry) {
    const since = sources.index.first > 1 ? ` (it reaches back to position ${sources.index.first})` : "";
    return failure("NotFound", `${nameOf(name)} is not there, and the log never knew it${since}`);
  }
  return success(await new Story(sources).of(entry));
}

/** `pod default/web-1 bound to n2: best of 3 nodes (…) (scheduler)`. */
function sentence(event: Positioned): string {
  const about = "object" in event ? `${nameOf(event.object)} ` : "";
  return `${about}${describeEvent(event)} (${event.by})`;
}

class Story {
  readonly #sources: HistorySources;
  /** Every event is told once; a second mention of it would repeat its whole chain. */
  readonly #told = new Set<Position>();

  constructor(sources: HistorySources) {
    this.#sources = sources;
  }

  async of(entry: ObjectEntry): Promise<WhyNode> {
    const present = presentState(this.#sources.state, entry.ref);
    const because = await this.#reasons(present?.because ?? []);
    const steps = await this.#steps(entry.ref, Number.POSITIVE_INFINITY);
    return { text: present?.text ?? `${nameOf(entry.ref)} is gone`, children: [...because, ...steps] };
  }

  async #reasons(refs: readonly ObjectRef[]): Promise<readonly WhyNode[]> {
    const nodes: WhyNode[] = [];
    for (const ref of refs.slice(0, reasonsTold)) {
      const present = presentState(this.#sources.state, ref);
      if (present) nodes.push({ text: present.text, children: await this.#steps(ref, eventsOfReason) });
    }
    if (refs.length > reasonsTold) {
      nodes.push({ text: `and ${refs.length - reasonsTold} more like these`, children: [] });
    }
    return nodes;
  }

  /** What happened to the object, newest first, each with its causes. */
  async #steps({ uid }: ObjectRef, limit: number): Promise<readonly WhyNode[]> {
    const { index, reader } = this.#sources;
    const positions: Position[] = [];
    let oldest: Position | undefined;
    for (const position of index.positionsOf(uid)) {
      oldest = position;
      const type = index.typeAt(position);
      if (positions.length < eventsLookedAt && type && telling(type) !== "never") positions.push(position);
    }
    // However much happened since, how it began belongs to the story.
    if (oldest !== undefined && positions.at(-1) !== oldest) positions.push(oldest);
    const nodes: WhyNode[] = [];
    for (const event of chooseTold(await reader.getAll(positions))) {
      if (nodes.length >= limit) break;
      if (!this.#told.has(event.position)) nodes.push(await this.#step(event, longestChain));
    }
    return nodes;
  }

  async #step(event: Positioned, depth: number): Promise<WhyNode> {
    this.#told.add(event.position);
    return {
      event,
      text: sentence(event),
      at: event.at,
      children: await this.#causes(event, depth),
    };
  }

  async #causes({ cause, by, position }: Positioned, depth: number): Promise<readonly WhyNode[]> {
    if (cause === undefined) return [];
    if (typeof cause === "string")
      return [{ text: `${by} asked for it with command ${cause}`, children: [] }];
    if (depth === 0) return [{ text: `and so on, from position ${cause}`, children: [] }];
    // A cause lies before its effect; anything else could not be followed to an end.
    if (cause >= position) return [];
    const event = await this.#sources.reader.get(cause);
    if (!event) return [{ text: `position ${cause}, which the log no longer holds`, children: [] }];
    if (this.#told.has(cause)) return [{ event, text: sentence(event), at: event.at, children: [] }];
    return [await this.#step(event, depth - 1)];
  }
}
