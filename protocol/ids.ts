// Branded identifiers and the parsers that alone may make them.
// Everything that crosses a boundary as text becomes one of these before it is used.

import { failure, quoteValue, type Result, success } from "./errors.ts";

declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Ordinal of an event since the log began; 1 is the first event, 0 means "before the log". Below 2^53. */
export type Position = Branded<number, "Position">;
/** JetStream stream sequence of a commit. */
export type Sequence = Branded<number, "Sequence">;
/** Number of a leadership; grows by one with every claim. 0 means "no leader yet". */
export type Epoch = Branded<number, "Epoch">;
/** Identity of a log; changes when a log is restored. */
export type LogId = Branded<string, "LogId">;
/** A client's id for one mutation; a retry carries the same id and takes effect once. */
export type CommandId = Branded<string, "CommandId">;
/** Registration of an agent; assignments name it and a superseded one is ignored. Position of its NodeRegistered event. */
export type SessionId = Branded<number, "SessionId">;
/** `metadata.uid` of an object. */
export type Uid = Branded<string, "Uid">;
/** Name of a node: an RFC 1123 subdomain of at most 253 characters. */
export type NodeName = Branded<string, "NodeName">;
/** Id of a master process, unique per start. */
export type MasterId = Branded<string, "MasterId">;

export const positionZero = 0 as Position;
export const epochZero = 0 as Epoch;
export const sequenceZero = 0 as Sequence;

export const maxNameLength = 253;
export const maxLabelLength = 63;

const dns1123Label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const dns1123Subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const opaqueId = /^[A-Za-z0-9_-]{1,64}$/;

/** RFC 1123 label: at most 63 lower-case alphanumerics and `-`. */
export const isDnsLabel = (text: string): boolean => text.length <= maxLabelLength && dns1123Label.test(text);
/** RFC 1123 subdomain: labels joined by dots, at most 253 characters in all. */
export const isDnsSubdomain = (text: string): boolean =>
  text.length <= maxNameLength && dns1123Subdomain.test(text);

function parseWhole<T extends number>(name: string, value: unknown): Result<T> {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return success(number as T);
  return failure("Invalid", `${name} must be a whole number from 0 to 2^53-1, found ${quoteValue(value)}`);
}

function parseOpaque<T extends string>(name: string, value: unknown): Result<T> {
  if (typeof value === "string" && opaqueId.test(value)) return success(value as T);
  return failure("Invalid", `${name} must be 1 to 64 of A-Z a-z 0-9 _ -, found ${quoteValue(value)}`);
}

export const parsePosition = (value: unknown): Result<Position> => parseWhole("position", value);
export const parseSequence = (value: unknown): Result<Sequence> => parseWhole("sequence", value);
export const parseEpoch = (value: unknown): Result<Epoch> => parseWhole("epoch", value);
export const parseSessionId = (value: unknown): Result<SessionId> => parseWhole("session", value);
export const parseLogId = (value: unknown): Result<LogId> => parseOpaque("log id", value);
export const parseCommandId = (value: unknown): Result<CommandId> => parseOpaque("command id", value);
export const parseUid = (value: unknown): Result<Uid> => parseOpaque("uid", value);
export const parseMasterId = (value: unknown): Result<MasterId> => parseOpaque("master id", value);

export function parseNodeName(value: unknown): Result<NodeName> {
  if (typeof value === "string" && isDnsSubdomain(value)) return success(value as NodeName);
  return failure("Invalid", `a node name must be an RFC 1123 subdomain, found ${quoteValue(value)}`);
}
