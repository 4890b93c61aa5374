// One watch: numbers its messages, keeps them in order, sends them in slices so that a long list does not hold up
// other work, and ends when its client falls silent or behind.

import { type Bus, BusError, type Clock, type Logger } from "../../actors/mod.ts";
import {
  type ApiObject,
  type Failure,
  type Position,
  type Result,
  success,
  watchAliveMs,
  type WatchMessage,
} from "../../protocol/mod.ts";
import type { ObjectChange } from "./object-changes.ts";
import type { Selection } from "./selection.ts";

/** Messages published before the server is waited for. */
const sliceMessages = 256;
/** Messages that may wait for the server, beside the first list; beyond it the watch ends and is resumed. */
export const maxBacklog = 20_000;

type Body =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: ApiObject }
  | { readonly type: "BOOKMARK" }
  | { readonly type: "ERROR"; readonly error: Failure };
export type WatchItem = Body & { readonly position: Position };

export interface WatchSessionOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly id: string;
  readonly user: string;
  readonly deliver: string;
  readonly selection: Selection;
  readonly encode: (value: unknown) => Uint8Array;
  readonly reveal: (object: ApiObject) => Result<ApiObject>;
  readonly onEnd: (session: WatchSession) => void;
}

export class WatchSession {
  readonly #options: WatchSessionOptions;
  readonly #queue: WatchItem[] = [];
  #released = false;
  #sending = false;
  #ended = false;
  #number = 0;
  #allowed = maxBacklog;
  #aliveAt: number;

  constructor(options: WatchSessionOptions) {
    this.#options = options;
    this.#aliveAt = options.clock.monotonic();
  }

  get id(): string {
    return this.#options.id;
  }
  get user(): string {
    return this.#options.user;
  }
  get kind(): string {
    return this.#options.selection.info.kind;
  }

  /** What the client begins with; it may be longer than the backlog. Nothing is sent before `release`. */
  begin(items: readonly WatchItem[]): void {
    this.#allowed = maxBacklog + items.length;
    for (const item of items) this.#queue.push(item);
  }
  release(): void {
    this.#released = true;
    this.#send();
  }

  /** Entering and leaving the selection are told as ADDED and DELETED. */
  change({ namespace, before, after, position }: ObjectChange): void {
    const { selection } = this.#options;
    if (selection.namespace !== undefined && selection.namespace !== namespace) return;
    const was = before !== undefined && selection.selects(before);
    const is = after !== undefined && selection.selects(after);
    if (after && is) this.push({ type: was ? "MODIFIED" : "ADDED", object: after, position });
    else if (before && was) this.push({ type: "DELETED", object: withVersion(before, position), position });
  }

  push(item: WatchItem): void {
    if (this.#ended) return;
    if (this.#queue.length >= this.#allowed) {
      this.end({
        code: "TooManyRequests",
        message: `the watch fell ${this.#queue.length} changes behind; resume it`,
      });
      return;
    }
    this.#queue.push(item);
    this.#send();
  }

  alive(): void {
    this.#aliveAt = this.#options.clock.monotonic();
  }
  /** False when the client has said nothing for too long. */
  get isAlive(): boolean {
    return this.#options.clock.monotonic() - this.#aliveAt <= watchAliveMs;
  }

  /** Tells the client why, if there is something to tell. What was still queued is dropped: it will be resumed. */
  end(error?: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue.length = 0;
    if (error) this.#publish({ type: "ERROR", error, position: 0 as Position });
    this.#options.onEnd(this);
  }

  #send(): void {
    if (!this.#released || this.#sending || this.#ended) return;
    this.#sending = true;
    this.#sendSlices()
      .catch((error: unknown) => {
        this.#options.logger.debug({ watch: this.id, error: String(error) }, "a watch ended");
        this.end();
      })
      .finally(() => {
        this.#sending = false;
        if (this.#queue.length > 0) this.#send();
      });
  }

  async #sendSlices(): Promise<void> {
    for (;;) {
      for (const item of this.#queue.splice(0, sliceMessages)) this.#publish(item);
      if (this.#queue.length === 0) return;
      await this.#options.bus.flush();
    }
  }

  #publish(item: WatchItem): void {
    const { bus, deliver, id, encode } = this.#options;
    const revealed = this.#revealed(item);
    if (!revealed.ok) return this.end(revealed.error);
    const message: WatchMessage = { version: 1, watch: id, number: ++this.#number, ...revealed.value };
    try {
      bus.publish(deliver, encode(message));
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // The client sees the gap in the numbers and resumes.
      this.#options.logger.debug({ watch: id, error: error.message }, "a watch message was not sent");
    }
  }

  /** Only now, when it is on its way to somebody who may read it. */
  #revealed(item: WatchItem): Result<WatchItem> {
    if (!("object" in item)) return success(item);
    const object = this.#options.reveal(item.object);
    return object.ok ? success({ ...item, object: object.value }) : object;
  }
}

const withVersion = (object: ApiObject, position: Position): ApiObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(position) },
});
