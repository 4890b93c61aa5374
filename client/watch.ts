// A watch that does not end: it lists, watches from the list's position, resumes by position after a gap, a silence or
// a reconnect, and lists anew when that position has expired, telling its reader only what differs.

import type { BusState } from "../actors/mod.ts";
import {
  apiVersionOf,
  type ApiObject,
  type ApiRequest,
  BerthError,
  decode,
  encode,
  type KindInfo,
  parseMessage,
  parsePosition,
  type Position,
  unwrap,
  watchAliveMs,
  type WatchMessage,
} from "../protocol/mod.ts";
import { Inbox } from "./inbox.ts";
import { listAll, type Selection, targetOf } from "./listing.ts";
import type { Requester } from "./requester.ts";

/** Messages that may wait for a slow reader; beyond it the watch is resumed once the reader has caught up. */
export const watchQueueLimit = 10_000;
/** So many bookmarks missed in a row mean that the master has gone or has lost this watch. */
const missedBookmarks = 4;

export type WatchEvent<T = ApiObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T; readonly position: Position }
  /** Only with `bookmarks`: everything up to `position` has been told. The first one ends the first list. */
  | { readonly type: "BOOKMARK"; readonly position: Position };

export interface WatchOptions extends Selection {
  /** Starts after this position and lists nothing; then an expired position rejects with Expired. */
  readonly resourceVersion?: string;
  readonly bookmarks?: boolean;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
}

type Ended = "resume" | "relist" | "aborted";

export class Watcher {
  readonly #requester: Requester;
  readonly #info: KindInfo;
  readonly #options: WatchOptions;
  /** What the reader has been told, by uid; undefined when it started from a position of its own. */
  #known: Map<string, ApiObject> | undefined;
  #position: Position | undefined;

  constructor(requester: Requester, info: KindInfo, options: WatchOptions) {
    this.#requester = requester;
    this.#info = info;
    this.#options = options;
    if (options.resourceVersion === undefined) this.#known = new Map();
    else this.#position = unwrap(parsePosition(options.resourceVersion));
  }

  async *events(): AsyncGenerator<WatchEvent, void, void> {
    const signal = this.#options.signal;
    try {
      while (!signal?.aborted) {
        if (this.#position === undefined) yield* this.#relist();
        const ended = yield* this.#session();
        if (ended === "relist") this.#position = undefined;
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  async *#relist(): AsyncGenerator<WatchEvent, void, void> {
    if (!this.#known) {
      const message = `position ${this.#options.resourceVersion} is no longer kept; list again and watch from there`;
      throw new BerthError({ code: "Expired", message });
    }
    const listed = await this.#patiently(() => listAll(this.#requester, this.#info, this.#options));
    const present = new Set<string>();
    for (const object of listed.items) {
      const uid = object.metadata.uid ?? object.metadata.name ?? "";
      present.add(uid);
      const told = this.#known.get(uid);
      if (told?.metadata.resourceVersion === object.metadata.resourceVersion) continue;
      this.#known.set(uid, object);
      yield { type: told ? "MODIFIED" : "ADDED", object, position: listed.position };
    }
    for (const [uid, object] of this.#known) {
      if (present.has(uid)) continue;
      this.#known.delete(uid);
      yield { type: "DELETED", object, position: listed.position };
    }
    this.#position = listed.position;
    if (this.#options.bookmarks) yield { type: "BOOKMARK", position: listed.position };
  }

  /** One session with one master, until it must be resumed from the last position that was told. */
  async *#session(): AsyncGenerator<WatchEvent, Ended, void> {
    const { bus, world } = this.#requester.options;
    const inbox = new Inbox<WatchMessage>(world.clock, watchQueueLimit);
    const deliver = bus.inbox();
    let broken = false;
    let watch: string | undefined;
    const subscription = bus.subscribe(deliver, (message) => {
      const value = decode(message.data);
      const read = value.ok ? parseMessage("watch", value.value) : value;
      if (read.ok) inbox.put(read.value);
      else broken = true;
    });
    const forgetState = bus.onState((state: BusState) => {
      if (state !== "connected") broken = true;
      inbox.nudge();
    });
    const stopAlive = every(world.clock, watchAliveMs / 3, () => {
      if (bus.state === "connected")
        bus.publish(`${deliver}.alive`, encode({ version: 1, watch: watch ?? "" }));
    });
    try {
      const opened = await this.#open(deliver);
      if (opened === "relist") return "relist";
      watch = opened.watch;
      for (let expected = 1; ; expected++) {
        const next = await inbox.take(opened.bookmarkMs * missedBookmarks, this.#options.signal);
        if (this.#options.signal?.aborted) return "aborted";
        if (next.type === "silence") return "resume";
        if (next.item.watch !== watch || next.item.number !== expected || broken) return "resume";
        if (next.item.type === "ERROR") return this.#refused(next.item);
        yield* this.#tell(next.item);
      }
    } finally {
      stopAlive();
      forgetState();
      subscription.unsubscribe();
      if (watch !== undefined && bus.state === "connected") {
        bus.publish(`${deliver}.alive`, encode({ version: 1, watch, end: true }));
      }
    }
  }

  async #open(deliver: string): Promise<{ watch: string; bookmarkMs: number } | "relist"> {
    const { labelSelector, fieldSelector, signal } = this.#options;
    const request: ApiRequest = {
      deliver,
      resourceVersion: String(this.#position),
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
    };
    const target = { ...targetOf(this.#info, this.#options), verb: "watch" as const };
    try {
      const reply = await this.#patiently(() =>
        this.#requester.call(target, request, { ...(signal && { signal }) }),
      );
      if (reply.type === "watch") return reply;
      const message = `asked for a watch of ${apiVersionOf(this.#info)} ${this.#info.resource}, got a ${reply.type}`;
      throw new BerthError({ code: "Internal", message });
    } catch (error) {
      if (error instanceof BerthError && error.code === "Expired") return "relist";
      throw error;
    }
  }

  /** Once a watch has begun it outlives masters: it tries on until its reader gives up. */
  async #patiently<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        const passing =
          error instanceof BerthError &&
          ["Timeout", "NoLeader", "Disconnected", "Unavailable"].includes(error.code);
        if (!passing || this.#position === undefined || this.#options.signal?.aborted) throw error;
      }
    }
  }

  #refused(message: Extract<WatchMessage, { type: "ERROR" }>): Ended {
    if (message.error.code === "Expired") return "relist";
    const passing = ["Unavailable", "TooManyRequests", "NoLeader", "Timeout"];
    if (passing.includes(message.error.code)) return "resume";
    throw new BerthError(message.error);
  }

  /**
   * A resumed watch may be told of a change to what its reader has never seen, when its beginning stood in a commit
   * that was told in part: that is an addition. And of the end of such an object: that is nothing.
   */
  #typeFor<Type extends "ADDED" | "MODIFIED" | "DELETED">(
    type: Type,
    uid: string,
  ): Type | "ADDED" | undefined {
    if (!this.#known || this.#known.has(uid)) return type;
    return type === "DELETED" ? undefined : "ADDED";
  }

  *#tell(message: Exclude<WatchMessage, { type: "ERROR" }>): Generator<WatchEvent, void, void> {
    this.#requester.saw(message.position);
    if (message.type === "BOOKMARK") {
      this.#position = message.position;
      if (this.#options.bookmarks) yield { type: "BOOKMARK", position: message.position };
      return;
    }
    const object = this.#requester.secrets.opened(message.object);
    const uid = object.metadata.uid ?? object.metadata.name ?? "";
    const type = this.#typeFor(message.type, uid);
    if (type === "DELETED") this.#known?.delete(uid);
    else this.#known?.set(uid, object);
    // Before the reader runs: it may stop here, and a resumed watch must not tell this event twice.
    this.#position = message.position;
    if (type) yield { type, object, position: message.position };
  }
}

function every(
  clock: Requester["options"]["world"]["clock"],
  intervalMs: number,
  action: () => void,
): () => void {
  let cancel = clock.after(intervalMs, again);
  function again(): void {
    action();
    cancel = clock.after(intervalMs, again);
  }
  return () => cancel();
}
