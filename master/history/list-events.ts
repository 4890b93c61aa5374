// Events for people: filtered by what they are about, in either order, in pages. The log never changes behind a
// page, so a page's end is a position and nothing needs pinning.

import {
  type ApiAnswer,
  type EventType,
  failure,
  parsePosition,
  type Position,
  positionZero,
  type Result,
  success,
} from "../../protocol/mod.ts";
import type { EventReader } from "./event-reader.ts";
import { fittingPage } from "./fitting-page.ts";
import type { HistoryIndex, ObjectEntry } from "./history-index.ts";

export interface EventsQuery {
  /** Absent: every namespace, and what belongs to none. */
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
  /** Only events after this position. */
  readonly since?: Position;
  readonly newestFirst?: boolean;
  readonly limit?: number;
  /** From the page before. */
  readonly continue?: string;
  /** Bytes of the events in one page. Default: no limit. */
  readonly pageBytes?: number;
}

export const defaultEventsLimit = 500;
export const maxEventsLimit = 5000;

/** Bookkeeping between masters, agents and clients; it says nothing about the cluster. */
const bookkeeping: ReadonlySet<EventType> = new Set(["ReportsReceived", "CommandCompleted"]);

/** `Expired` when `since` lies before what the log still holds; `BadRequest` for a broken `continue`. */
export async function listEvents(
  index: HistoryIndex,
  reader: EventReader,
  query: EventsQuery,
): Promise<Result<Extract<ApiAnswer, { type: "events" }>>> {
  const { since = positionZero, newestFirst = false } = query;
  if (since > 0 && since < index.first - 1) {
    const message = `events after position ${since} were asked for, the log begins with ${index.first}; ask from there`;
    return failure("Expired", message);
  }
  const from = query.continue === undefined ? undefined : parsePosition(query.continue);
  if (from && !from.ok) return failure("BadRequest", `continue: ${from.error.message}`);
  const limit = Math.min(maxEventsLimit, Math.max(1, query.limit ?? defaultEventsLimit));
  const lowest = newestFirst ? since + 1 : Math.max(since, from?.value ?? 0) + 1;
  const highest = newestFirst && from ? from.value - 1 : index.last;
  const positions: Position[] = [];
  for (const position of candidates(index, query, lowest, highest)) {
    if (!wanted(index, query, position)) continue;
    positions.push(position);
    if (positions.length > limit) break;
  }
  const events = fittingPage(
    await reader.getAll(positions.slice(0, limit)),
    query.pageBytes ?? Number.POSITIVE_INFINITY,
  );
  const end = events.at(-1)?.position;
  const rest = end !== undefined && positions.at(-1) !== end;
  return success({ type: "events", events, ...(rest && { continue: String(end) }) });
}

/** Positions that may be wanted, in the order of the answer. An object named in full is found without a scan. */
function* candidates(
  index: HistoryIndex,
  { kind, name, namespace, newestFirst }: EventsQuery,
  lowest: number,
  highest: number,
): Generator<Position, void, void> {
  if (kind !== undefined && name !== undefined) {
    const entries = [
      ...index.named({ kind, name }),
      ...(namespace === undefined ? [] : index.named({ kind, name, namespace })),
    ];
    // Without a namespace a name may belong to objects of several ones: then all are looked through.
    if (namespace !== undefined || entries.length > 0) {
      const positions = entries
        .flatMap(({ ref }) => [...index.positionsOf(ref.uid)])
        .filter((position) => position >= lowest && position <= highest)
        .sort((one, other) => (newestFirst ? other - one : one - other));
      yield* positions;
      return;
    }
  }
  const start = Math.max(lowest, index.first);
  const end = Math.min(highest, index.last);
  if (newestFirst) for (let position = end; position >= start; position--) yield position as Position;
  else for (let position = start; position <= end; position++) yield position as Position;
}

function wanted(index: HistoryIndex, query: EventsQuery, position: Position): boolean {
  const type = index.typeAt(position);
  if (type === undefined || bookkeeping.has(type)) return false;
  return isAbout(index.objectAt(position), query);
}

function isAbout(entry: ObjectEntry | undefined, { namespace, kind, name }: EventsQuery): boolean {
  if (!entry) return namespace === undefined && kind === undefined && name === undefined;
  const { ref } = entry;
  if (kind !== undefined && ref.kind !== kind) return false;
  if (name !== undefined && ref.name !== name) return false;
  // A kind without namespaces that was asked for by name is meant, whatever namespace the subject says.
  return (
    namespace === undefined ||
    ref.namespace === namespace ||
    (ref.namespace === undefined && kind === ref.kind)
  );
}
