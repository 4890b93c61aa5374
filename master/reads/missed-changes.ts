// What a watcher missed since a position: each object that changed since, once, as it is now. Kinds of changes in
// between are not repeated; a watcher wants to know how things are, and `events` tells the rest. An object may be told
// as MODIFIED that the watcher has not seen: its ADDED stood in the part of a commit that it missed.

import {
  type ApiObject,
  failure,
  type Position,
  type Result,
  success,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/contract.ts";
import type { HistoryIndex, ObjectEntry } from "../history/mod.ts";
import type { Selection } from "./selection.ts";

/** Events that are looked through and objects that are told again; beyond it listing anew is cheaper. */
export const maxMissedEvents = 2_000_000;
export const maxMissedObjects = 20_000;

export interface MissedChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: ApiObject;
  readonly position: Position;
}

/** Objects of the kind with events after `since`, in the order of their last event. */
export function entriesSince(
  index: HistoryIndex,
  selection: Selection,
  since: Position,
): Result<readonly ObjectEntry[]> {
  const tooOld = (why: string): Result<never> =>
    failure("Expired", `${why}; list again and watch from the list's position`);
  if (since < index.first - 1) {
    return tooOld(`changes since position ${since} were asked for, the log begins with ${index.first}`);
  }
  if (index.last - since > maxMissedEvents) {
    return tooOld(`${index.last - since} events happened since position ${since}`);
  }
  const { kind } = selection.info;
  // Endpoints change with events of their service, unless a user made them.
  const isMeant = (found: string): boolean => found === kind || (kind === "Endpoints" && found === "Service");
  const found = new Map<Uid, ObjectEntry>();
  for (let position: number = since + 1; position <= index.last; position++) {
    const entry = index.objectAt(position as Position);
    if (!entry || !isMeant(entry.ref.kind) || found.has(entry.ref.uid)) continue;
    if (selection.namespace !== undefined && entry.ref.namespace !== selection.namespace) continue;
    found.set(entry.ref.uid, entry);
    if (found.size > maxMissedObjects)
      return tooOld(`more than ${maxMissedObjects} objects changed since ${since}`);
  }
  return success([...found.values()].sort((one, other) => one.last - other.last));
}

/** `gone`: the last known form of those that are no more. */
export function missedChanges(
  state: ClusterState,
  entries: readonly ObjectEntry[],
  {
    index,
    selection,
    since,
    gone,
  }: {
    readonly index: HistoryIndex;
    readonly selection: Selection;
    readonly since: Position;
    readonly gone: ReadonlyMap<Uid, ApiObject>;
  },
): readonly MissedChange[] {
  const changes: MissedChange[] = [];
  for (const entry of entries) {
    const { ref, first, last } = entry;
    const isNew = first > since;
    const present = presentObject(state, entry, selection.info.kind);
    if (present) {
      const position = Number(present.metadata.resourceVersion ?? last) as Position;
      if (position <= since) continue;
      const selected = selection.selects(present);
      if (selected) changes.push({ type: isNew ? "ADDED" : "MODIFIED", object: present, position });
      // Whether it was selected before is not known: to be told of one more that is gone does no harm.
      else if (!isNew) changes.push({ type: "DELETED", object: present, position });
    } else if (!isNew) {
      const object = gone.get(ref.uid);
      const wasSelected = object && (selection.selects(object) || hadChanged(index, ref.uid, since));
      if (wasSelected) changes.push({ type: "DELETED", object, position: last });
    }
  }
  return changes.sort((one, other) => one.position - other.position);
}

/**
 * Before its end, and after what its watcher knows: then nobody can say whether it was selected. A watcher is told of a
 * commit object by object, so of one that it has heard of in part it may still know how things were before.
 */
function hadChanged(index: HistoryIndex, uid: Uid, since: Position): boolean {
  const [, before] = index.positionsOf(uid);
  return before !== undefined && before >= index.commitOf((since + 1) as Position);
}

/** The object as it is now, unless another has taken its name since. */
export function presentObject(
  state: ClusterState,
  { ref }: ObjectEntry,
  kind: string,
): ApiObject | undefined {
  const object = state.render(kind, ref.namespace, ref.name);
  if (!object) return undefined;
  // Endpoints have a uid of their own; their service is what must still be the same.
  const identity = kind === ref.kind ? object : state.render(ref.kind, ref.namespace, ref.name);
  return identity?.metadata.uid === ref.uid ? object : undefined;
}
