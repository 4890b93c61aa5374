// Commits as bytes. The events of one command are encoded once, as a block; a commit is a small head and its blocks,
// so that an append that has to move costs a new head only.

import {
  type BerthEvent,
  type Commit,
  commitHardLimitBytes,
  decode,
  encode,
  type Epoch,
  failure,
  type Position,
  type Result,
  type Sequence,
  success,
} from "../../protocol/mod.ts";

/** Events of one command, encoded; never split over two commits. */
export interface EventBlock {
  readonly events: readonly BerthEvent[];
  /** Items of a msgpack array, without its head. */
  readonly bytes: Uint8Array;
}

export interface CommitHead {
  readonly epoch: Epoch;
  readonly previous: Sequence;
  readonly firstPosition: Position;
}

/** Head and array length take less than this. */
export const commitHeadBytes = 96;

/** TooLarge when one command's events do not fit a commit. */
export function encodeBlock(events: readonly BerthEvent[]): Result<EventBlock> {
  const whole = encode(events);
  const bytes = whole.subarray(arrayHeadLength(whole[0] ?? 0));
  if (bytes.length + commitHeadBytes > commitHardLimitBytes) {
    return failure(
      "TooLarge",
      `the command makes ${events.length} events of ${bytes.length} bytes together, a commit takes ${commitHardLimitBytes}; ask for less at a time`,
    );
  }
  return success({ events, bytes });
}

export function encodeCommit(head: CommitHead, blocks: readonly EventBlock[]): Uint8Array {
  const { epoch, previous, firstPosition } = head;
  // `events` is the last key, so its empty array is the last byte, and the real one goes in its place.
  const start = encode({ version: 1, epoch, previous, firstPosition, events: [] });
  let count = 0;
  let length = start.length - 1 + 5;
  for (const block of blocks) {
    count += block.events.length;
    length += block.bytes.length;
  }
  const bytes = new Uint8Array(length);
  bytes.set(start.subarray(0, start.length - 1));
  let at = start.length - 1;
  bytes[at] = 0xdd;
  new DataView(bytes.buffer).setUint32(at + 1, count);
  at += 5;
  for (const block of blocks) {
    bytes.set(block.bytes, at);
    at += block.bytes.length;
  }
  return bytes;
}

/** As `decodeCommit`. What it gives for the same bytes may be the same value each time: nobody changes it. */
export type DecodeCommit = (data: Uint8Array) => Result<Commit>;

/** Checks the commit's own shape; its events are as they were decided (schemas are checked by `berth log verify`). */
export function decodeCommit(data: Uint8Array): Result<Commit> {
  const decoded = decode(data);
  if (!decoded.ok) return decoded;
  return isCommit(decoded.value)
    ? success(decoded.value)
    : failure("Invalid", "the message is not a commit of version 1");
}

function isCommit(value: unknown): value is Commit {
  if (typeof value !== "object" || value === null) return false;
  const { version, epoch, previous, firstPosition, events } = value as Partial<Record<keyof Commit, unknown>>;
  return (
    version === 1 &&
    Number.isSafeInteger(epoch) &&
    Number.isSafeInteger(previous) &&
    Number.isSafeInteger(firstPosition) &&
    Array.isArray(events) &&
    events.every((event: unknown) => typeof event === "object" && event !== null && "type" in event)
  );
}

const arrayHeadLength = (token: number): number => (token === 0xdd ? 5 : token === 0xdc ? 3 : 1);
