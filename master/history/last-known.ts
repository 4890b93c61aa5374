// The last form of an object that is gone, as far as the log still tells it: for watches that missed its deletion.

import {
  type ApiObject,
  apiVersionOf,
  kindInfo,
  type ObjectMeta,
  type PodTemplateSpec,
  type Position,
  type Uid,
} from "../../protocol/mod.ts";
import type { EventReader } from "./event-reader.ts";
import type { HistoryIndex, ObjectEntry } from "./history-index.ts";

/** Metadata alone when nothing more is known; `resourceVersion` is the position of the last event. */
export async function lastKnown(
  index: HistoryIndex,
  reader: EventReader,
  entry: ObjectEntry,
): Promise<ApiObject> {
  const { ref, last } = entry;
  const identity: ObjectMeta = {
    name: ref.name,
    ...(ref.namespace !== undefined && { namespace: ref.namespace }),
    uid: ref.uid,
    resourceVersion: String(last),
  };
  for (const position of index.positionsOf(ref.uid)) {
    const type = index.typeAt(position);
    if (type !== "ObjectCreated" && type !== "ObjectUpdated" && type !== "PodCreated") continue;
    const event = await reader.get(position);
    if (event?.type === "ObjectCreated" || event?.type === "ObjectUpdated") {
      return { ...event.value, metadata: { ...event.value.metadata, ...identity } };
    }
    if (event?.type !== "PodCreated") continue;
    const template = await templateOf(index, reader, {
      owner: event.owner.uid as Uid,
      name: event.template,
      before: position,
    });
    const { labels, annotations } = template?.metadata ?? {};
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...identity,
        ...(labels && { labels }),
        ...(annotations && { annotations }),
        ownerReferences: [event.owner],
      },
      ...(template?.spec && { spec: template.spec }),
    };
  }
  const info = kindInfo(ref.kind);
  return { apiVersion: info ? apiVersionOf(info) : "v1", kind: ref.kind, metadata: identity };
}

async function templateOf(
  index: HistoryIndex,
  reader: EventReader,
  wanted: { readonly owner: Uid; readonly name: string; readonly before: Position },
): Promise<PodTemplateSpec | undefined> {
  for (const position of index.positionsOf(wanted.owner)) {
    if (position > wanted.before || index.typeAt(position) !== "TemplateRecorded") continue;
    const event = await reader.get(position);
    if (event?.type === "TemplateRecorded" && event.template === wanted.name) return event.value;
  }
  return undefined;
}
