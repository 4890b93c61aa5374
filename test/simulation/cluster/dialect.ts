// Processes of another version of Berth: their messages and commits are turned into that version's, and back, at the
// process's own door. Everyone else sees what such a program would really send.

import type { EventLog, LogEntry } from "../../../actors/mod.ts";
import { decode, encode, eventVersions } from "../../../protocol/mod.ts";

/** What a process says and hears on the bus, seen from the wire. */
export interface Dialect {
  says(data: Uint8Array): Uint8Array;
  hears(data: Uint8Array): Uint8Array;
}

export type AgentVersion =
  /** Says more in each message, and is told more, than this program knows of. */
  | "more-fields"
  /** Its messages have the next version: nobody here understands them. */
  | "next-version";

const additions = { sinceNextYear: "fine", later: { why: ["because"], times: 3 } };

type Fields = Readonly<Record<string, unknown>>;

function changed(data: Uint8Array, change: (fields: Fields) => Fields): Uint8Array {
  const decoded = decode(data);
  if (!decoded.ok || typeof decoded.value !== "object" || decoded.value === null) return data;
  const fields = decoded.value as Fields;
  return fields["version"] === 1 ? encode(change(fields)) : data;
}
const withMore = (data: Uint8Array): Uint8Array => changed(data, (fields) => ({ ...fields, ...additions }));
const asNext = (data: Uint8Array): Uint8Array => changed(data, (fields) => ({ ...fields, version: 2 }));

/** What a master answers to an agent that it takes for a node. */
function isTaken(data: Uint8Array): boolean {
  const decoded = decode(data);
  const fields: unknown = decoded.ok && decoded.value;
  return typeof fields === "object" && fields !== null && "session" in fields && "podCidr" in fields;
}

export function dialectOf(
  version: AgentVersion,
  { onSay, onTaken }: { readonly onSay: () => void; readonly onTaken: () => void },
): Dialect {
  const says = version === "more-fields" ? withMore : asNext;
  return {
    says(data) {
      onSay();
      return says(data);
    },
    hears(data) {
      if (version === "more-fields") return withMore(data);
      if (isTaken(data)) onTaken();
      return data;
    },
  };
}

/** The event that the next version writes in another form. */
const changedType = "CommandCompleted";
const nextVersion = eventVersions[changedType] + 1;

type SomeEvent = Readonly<Record<string, unknown>>;

function withVersion(data: Uint8Array, from: number, to: number): Uint8Array {
  const decoded = decode(data);
  const events: unknown = decoded.ok && Reflect.get(Object(decoded.value), "events");
  if (!decoded.ok || !Array.isArray(events)) return data;
  const isOne = ({ type, version }: SomeEvent): boolean => type === changedType && version === from;
  const list = events as readonly SomeEvent[];
  if (!list.some(isOne)) return data;
  const changedEvents = list.map((event) => (isOne(event) ? { ...event, version: to } : event));
  return encode({ ...(decoded.value as Fields), events: changedEvents });
}
/** A commit as the next version writes it, which this program cannot fold. */
export const asNextWrites = (data: Uint8Array): Uint8Array =>
  withVersion(data, eventVersions[changedType], nextVersion);
const readByNext = new WeakMap<Uint8Array, Uint8Array>();
/** And as it reads it. The very same bytes for a commit in which nothing has changed, and each time for the same commit. */
export function asNextReads(data: Uint8Array): Uint8Array {
  let read = readByNext.get(data);
  if (!read) readByNext.set(data, (read = withVersion(data, nextVersion, eventVersions[changedType])));
  return read;
}

/** The log as a master of the next version has it; it writes in its own way from the day on that `writesNext`. */
export const nextVersionsLog = (
  log: EventLog,
  writesNext: () => boolean,
  onWrite: (messageId: string, isChanged: boolean) => void,
): EventLog => ({
  ...boundLog(log),
  get: async (sequence) => {
    const entry = await log.get(sequence);
    return entry && read(entry);
  },
  append: (request) => {
    const data = writesNext() ? asNextWrites(request.data) : request.data;
    onWrite(request.messageId, data !== request.data);
    return log.append({ ...request, data });
  },
  read: (options) => log.read({ ...options, onEntry: (entry) => options.onEntry(read(entry)) }),
});
const read = (entry: LogEntry): LogEntry => ({ ...entry, data: asNextReads(entry.data) });

/** The methods of a class instance do not spread. */
const boundLog = (log: EventLog): EventLog => ({
  name: log.name,
  ensure: (options) => log.ensure(options),
  info: () => log.info(),
  get: (sequence) => log.get(sequence),
  append: (request) => log.append(request),
  read: (options) => log.read(options),
});
