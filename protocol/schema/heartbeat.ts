// Messages that are too frequent for a general schema: 10,000 nodes send one each second, and leaders one or two. These
// checks take a tenth of the schema's time; what they do not accept goes to the schema, which says why.

import type { BeatMessage, HeartbeatMessage } from "../agent-messages.ts";
import { isRecord } from "../objects/structure.ts";

const opaqueId = /^[A-Za-z0-9_-]{1,64}$/;
const isOpaque = (value: unknown): boolean => typeof value === "string" && opaqueId.test(value);
const whole = (value: unknown): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

export function isHeartbeat(value: object): value is HeartbeatMessage {
  if (!isRecord(value)) return false;
  const { version, session, logId, epoch, position, digest, endpoints, reported, lease } = value;
  if (version !== 1 || !whole(session) || !whole(epoch) || !whole(position)) return false;
  if (!whole(digest) || !whole(endpoints) || !whole(reported)) return false;
  if (lease !== undefined && !whole(lease)) return false;
  return isOpaque(logId);
}

export function isBeat(value: object): value is BeatMessage {
  if (!isRecord(value)) return false;
  const { version, master, epoch, logId, position, at } = value;
  if (version !== 1 || !whole(epoch) || !whole(position) || !whole(at)) return false;
  return isOpaque(master) && isOpaque(logId);
}
