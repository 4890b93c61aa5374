// Questions about what happened: events as the log holds them, and the chain of causes behind an object.

import {
  type ApiRequest,
  BerthError,
  eventsWildcard,
  type KindName,
  type Position,
  type Positioned,
  positionZero,
  type WhyNode,
} from "../protocol/mod.ts";
import { infoOf } from "./mutations.ts";
import { targetOf } from "./listing.ts";
import type { CallOptions, Requester, Target } from "./requester.ts";

export interface EventsOptions extends CallOptions {
  readonly namespace?: string;
  /** Default for kinds without a namespace. */
  readonly allNamespaces?: boolean;
  readonly kind?: KindName;
  readonly name?: string;
  /** Only events after this position. */
  readonly since?: number;
  readonly newestFirst?: boolean;
  /** Default 500. */
  readonly limit?: number;
}
export const defaultEventsLimit = 500;
/** A watcher of events asks at least this often, for the live events that wake it are best effort. */
const askEveryMs = 2000;

export interface EventsPage {
  readonly events: readonly Positioned[];
  readonly position: Position;
}

export async function listEvents(requester: Requester, options: EventsOptions): Promise<EventsPage> {
  const { kind, name, since, newestFirst, limit = defaultEventsLimit } = options;
  const everywhere = options.allNamespaces || (kind !== undefined && !infoOf(kind).namespaced);
  const where = everywhere ? { allNamespaces: true } : { namespace: options.namespace ?? "default" };
  const target: Target = { verb: "list", group: "berth", resource: "events", ...where };
  const request: ApiRequest = {
    limit,
    events: {
      ...(kind && { kind }),
      ...(name && { name }),
      ...(since !== undefined && { since: since as Position }),
      ...(newestFirst && { newestFirst }),
    },
  };
  const reply = await requester.call(target, request, options);
  if (reply.type === "events") return { events: reply.events, position: reply.position };
  throw new BerthError({ code: "Internal", message: `asked for events, got a ${reply.type}` });
}

/**
 * Events after `since` (default: from now on), each once and in order, until the signal aborts. The live subjects
 * only wake it; what it yields comes from the log.
 */
export async function* watchEvents(
  requester: Requester,
  options: EventsOptions,
): AsyncGenerator<Positioned, void, void> {
  const { bus, world, prefix } = requester.options;
  const { signal } = options;
  let wake: (() => void) | undefined;
  let woken = false;
  const live = bus.subscribe(eventsWildcard(prefix), () => {
    woken = true;
    wake?.();
  });
  try {
    let since =
      options.since ?? (await listEvents(requester, { ...options, newestFirst: true, limit: 1 })).position;
    while (!signal?.aborted) {
      woken = false;
      const page = await listEvents(requester, { ...options, newestFirst: false, since });
      for (const event of page.events) {
        yield event;
        since = event.position;
      }
      if (page.events.length > 0 || woken) continue;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          signal?.removeEventListener("abort", done);
          wake = undefined;
          resolve();
        };
        const cancel = world.clock.after(askEveryMs, done);
        signal?.addEventListener("abort", done, { once: true });
        wake = done;
        if (signal?.aborted) done();
      });
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    live.unsubscribe();
  }
}

/** The chain of causes of an object that exists or existed. */
export async function why(
  requester: Requester,
  about: { readonly kind: KindName; readonly name: string },
  options: CallOptions & { readonly namespace?: string },
): Promise<WhyNode> {
  const target: Target = {
    ...targetOf(infoOf(about.kind), options),
    verb: "get",
    name: about.name,
    subresource: "why",
  };
  const reply = await requester.call(target, {}, options);
  if (reply.type === "why") return reply.story;
  throw new BerthError({ code: "Internal", message: `asked why, got a ${reply.type}` });
}

/** Where an event watch may start: before everything that the log still holds. */
export const fromTheBeginning = positionZero;
