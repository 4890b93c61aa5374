// Lists in pages: the whole list is made once, and its pages are handed out for a minute, all of one position.

import type { Clock, Ids } from "../../actors/mod.ts";
import { type ApiObject, failure, type Position, type Result, success } from "../../protocol/mod.ts";

export const pinnedMs = 60_000;
/** Lists kept at the same time; the oldest one goes first. */
export const maxPinnedLists = 64;

/** A list at one position. `key` says who asked for what, so that a page is not given to another. */
export interface FullList {
  readonly key: string;
  readonly kind: string;
  readonly position: Position;
  readonly items: readonly ApiObject[];
}
export interface Page {
  readonly list: FullList;
  readonly from: number;
}
interface Pinned {
  readonly list: FullList;
  readonly until: number;
}

export class PinnedLists {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #owner: string;
  readonly #lists = new Map<string, Pinned>();

  /** `owner`: this master, by whom its tokens are known. */
  constructor({ clock, ids }: { readonly clock: Clock; readonly ids: Ids }, owner: string) {
    this.#clock = clock;
    this.#ids = ids;
    this.#owner = owner;
  }

  /** Whether this master gave the token, perhaps long ago. */
  gave(token: string): boolean {
    return token.startsWith(`${this.#owner}.`);
  }

  /** The token that leads to the rest of `list` from item `from` on. `token`: the list is pinned by it already. */
  pin(list: FullList, from: number, token?: string): string {
    this.#dropOld();
    const id = token === undefined ? `${this.#owner}.${this.#ids.uuid()}` : idOf(token);
    if (!this.#lists.has(id)) this.#lists.set(id, { list, until: this.#clock.monotonic() + pinnedMs });
    return `${id}.${from}`;
  }

  /** `Expired` for a token of another master or after a minute: list again from the start. */
  find(token: string, key: string): Result<Page> {
    this.#dropOld();
    const from = Number(token.slice(token.lastIndexOf(".") + 1));
    const pinned = this.#lists.get(idOf(token));
    if (!pinned || pinned.list.key !== key || !Number.isSafeInteger(from) || from < 0) {
      const message =
        "the list that this page belongs to is no longer kept (a minute, at one master); list again";
      return failure("Expired", message);
    }
    return success({ list: pinned.list, from });
  }

  #dropOld(): void {
    const now = this.#clock.monotonic();
    for (const [id, { until }] of this.#lists) {
      if (until > now && this.#lists.size <= maxPinnedLists) break;
      this.#lists.delete(id);
    }
  }
}

const idOf = (token: string): string => token.slice(0, Math.max(0, token.lastIndexOf(".")));
