// Waiting until an object is as one wants it, told by a watch and never by asking again and again.

import type { Clock } from "../actors/mod.ts";
import { BerthError, type KindName } from "../protocol/mod.ts";
import type { BerthClient } from "./client.ts";
import type { Stored } from "./kinds.ts";
import type { CallOptions } from "./requester.ts";

export interface WaitOptions extends CallOptions {
  readonly namespace?: string;
}

export interface Wanted<K extends KindName> {
  readonly kind: K;
  readonly name: string;
  readonly met: (object: Stored<K> | undefined) => boolean;
  readonly options: WaitOptions & { readonly timeoutMs: number };
}

export async function waitFor<K extends KindName>(
  client: BerthClient,
  clock: Clock,
  { kind, name, met, options }: Wanted<K>,
): Promise<Stored<K> | undefined> {
  const { namespace, timeoutMs, signal } = options;
  const over = new AbortController();
  const cancel = clock.after(timeoutMs, () => over.abort());
  const ends = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  let found: Stored<K> | undefined;
  let listed = false;
  try {
    const selection = {
      fieldSelector: `metadata.name=${name}`,
      ...(namespace !== undefined && { namespace }),
    };
    for await (const event of client.watch(kind, { ...selection, bookmarks: true, signal: ends })) {
      if (event.type === "BOOKMARK") listed = true;
      else found = event.type === "DELETED" ? undefined : event.object;
      // Absence means something only once the list is complete.
      if ((found || listed) && met(found)) return found;
    }
  } finally {
    cancel();
  }
  signal?.throwIfAborted();
  const state = found ? "it is not as awaited" : "it does not exist";
  const message = `waited ${timeoutMs / 1000}s for ${kind} ${JSON.stringify(name)}, and ${state}`;
  throw new BerthError({ code: "Timeout", message });
}
