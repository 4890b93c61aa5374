// Waits until objects are gone, with one watch for each kind and namespace.

import type { Clock } from "../actors/mod.ts";
import { type ApiObject, BerthError, kinds } from "../protocol/mod.ts";
import type { BerthClient } from "./client.ts";

/** What names an object and tells it from its namesakes. */
export type Awaited = Pick<ApiObject, "kind" | "metadata">;

export interface WaitGoneOptions {
  readonly signal?: AbortSignal;
  /** Default: for ever. */
  readonly timeoutMs?: number;
}

/** Rejects with Timeout naming what is still there. An object of the same name made anew counts as gone. */
export async function waitGone(
  client: BerthClient,
  clock: Clock,
  objects: readonly Awaited[],
  { signal, timeoutMs }: WaitGoneOptions,
): Promise<void> {
  const groups = Map.groupBy(objects, (object) => `${object.kind} ${object.metadata.namespace ?? ""}`);
  const over = new AbortController();
  const cancel = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => over.abort());
  const ends = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  try {
    const left = await Promise.all([...groups.values()].map((group) => groupGone(client, group, ends)));
    signal?.throwIfAborted();
    const names = left.flatMap((uids) => [...uids.values()]);
    if (names.length === 0) return;
    const message = `waited ${(timeoutMs ?? 0) / 1000}s, and these are not gone yet: ${names.join(", ")}`;
    throw new BerthError({ code: "Timeout", message });
  } finally {
    cancel?.();
  }
}

async function groupGone(
  client: BerthClient,
  group: readonly Awaited[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const left = new Map(group.map(({ kind, metadata }) => [metadata.uid ?? "", `${kind} ${metadata.name}`]));
  const [first] = group;
  const kind = kinds.find((info) => info.kind === first?.kind)?.kind;
  if (!first || !kind) return left;
  const { namespace, name } = first.metadata;
  const one = group.length === 1 ? { fieldSelector: `metadata.name=${name}` } : {};
  const where = namespace === undefined ? {} : { namespace };
  const listed = new Set<string>();
  let complete = false;
  for await (const event of client.watch(kind, { ...one, ...where, bookmarks: true, signal })) {
    if (event.type === "BOOKMARK") {
      if (!complete) for (const uid of left.keys()) if (!listed.has(uid)) left.delete(uid);
      complete = true;
    } else if (event.type === "DELETED") left.delete(event.object.metadata.uid ?? "");
    else listed.add(event.object.metadata.uid ?? "");
    if (complete && left.size === 0) break;
  }
  return left;
}
