// Versions of events: which one is written, how an older one becomes the present one step by step, and what
// to do about one that is newer than this program. What `evolve` does for a released version never changes.

import { failure, quoteValue, type Result, success } from "./errors.ts";
import type { BerthEvent, Commit, EventType } from "./events.ts";
import { parseWith } from "./messages.ts";
import { isRecord } from "./objects/structure.ts";
import { commitSchema, eventSchemas } from "./schema/event-schemas.ts";

/** Version in which each event is written today. */
export const eventVersions: Readonly<Record<EventType, number>> = {
  LogCreated: 1,
  LogRestored: 1,
  LevelRaised: 1,
  ClusterConfigured: 1,
  LeaderElected: 1,
  LeaderStoodDown: 1,
  LeasesConfirmed: 1,
  CommandCompleted: 1,
  ObjectCreated: 1,
  ObjectUpdated: 1,
  StatusUpdated: 1,
  DeletionRequested: 1,
  FinalizerRemoved: 1,
  ObjectDeleted: 1,
  OwnersChanged: 1,
  TemplateRecorded: 1,
  PodCreated: 1,
  PodBound: 1,
  PodUnschedulable: 1,
  PodNominated: 1,
  PodStatusObserved: 1,
  PodConditionsSet: 1,
  TerminationReleased: 1,
  PodFailed: 1,
  NodeRegistered: 1,
  NodeSuspected: 1,
  NodeLost: 1,
  NodeRecovered: 1,
  NodeFenced: 1,
  NodeStatusObserved: 1,
  TaintsChanged: 1,
  ReportsReceived: 1,
  EndpointsChanged: 1,
};
export const eventTypes = Object.keys(eventVersions) as readonly EventType[];

/**
 * The cluster's level (`LevelRaised`) from which a type and version may be written: every master of the cluster
 * understands it then. Absent means level 1, the first.
 */
const introducedAt: Readonly<Record<string, number>> = {};
export const firstLevel = 1;
export const currentLevel = 1;
export const levelOf = (type: EventType, version = eventVersions[type]): number =>
  introducedAt[`${type}@${version}`] ?? introducedAt[type] ?? firstLevel;

/** From version `from` of an event to `from + 1`, as data. */
type Upcaster = (event: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
/** `PodBound@1` turns a PodBound of version 1 into version 2. Steps are never taken out. */
const upcasters: Readonly<Record<string, Upcaster>> = {};

const isEventType = (type: string): type is EventType => Object.hasOwn(eventVersions, type);

/**
 * Brings an event of the log to its present version. Cheap when it has it already. UnsupportedVersion for a type or a
 * version that this program does not know: it must stop folding and may not claim. The fields are not checked.
 */
export function upcast(event: unknown): Result<BerthEvent> {
  if (!isRecord(event))
    return failure("BadRequest", `an event must be an object, found ${quoteValue(event)}`);
  const { type, version } = event;
  if (typeof type !== "string" || typeof version !== "number" || !Number.isSafeInteger(version)) {
    return failure("BadRequest", "an event must have a type and a version");
  }
  if (!isEventType(type) || version > eventVersions[type]) {
    const known = isEventType(type) ? `up to version ${eventVersions[type]}` : "not at all";
    return failure(
      "UnsupportedVersion",
      `event ${quoteValue(type)} of version ${version} is known here ${known}; a newer Berth wrote it: update this master`,
    );
  }
  let present = event;
  for (let step = version; step < eventVersions[type]; step++) {
    const upcaster = upcasters[`${type}@${step}`];
    if (!upcaster) return failure("Internal", `no upcaster is known for ${type}@${step}`);
    present = { ...upcaster(present), version: step + 1 };
  }
  return isPresent(present)
    ? success(present)
    : failure("Internal", `${type}@${version} could not be brought to version ${eventVersions[type]}`);
}

/** Only masters may write the log, and they write what decide made: type and version are enough to know the rest. */
const isPresent = (
  event: Readonly<Record<string, unknown>>,
): event is Readonly<Record<string, unknown>> & BerthEvent =>
  typeof event["type"] === "string" &&
  isEventType(event["type"]) &&
  event["version"] === eventVersions[event["type"]];

/** As `upcast`, and every field is checked against the event's schema: for `berth log verify` and `berth decode`. */
export function verifyEvent(event: unknown): Result<BerthEvent> {
  const present = upcast(event);
  if (!present.ok) return present;
  const { type } = present.value;
  return parseWith<BerthEvent>(eventSchemas[type], present.value, `event ${type}`);
}

/** A commit with every field of every event checked. */
export function verifyCommit(value: unknown): Result<Commit> {
  const commit = parseWith(commitSchema, value, "commit");
  if (!commit.ok) return commit;
  const events: BerthEvent[] = [];
  for (const [index, each] of commit.value.events.entries()) {
    const event = verifyEvent(each);
    if (!event.ok)
      return failure(event.error.code, `events[${index}]: ${event.error.message}`, event.error.causes);
    events.push(event.value);
  }
  return success({ ...commit.value, events });
}
