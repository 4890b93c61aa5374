// The one message that is too frequent for a general schema: 10,000 nodes send one each second. This check
// takes a tenth of the schema's time; what it does not accept goes to the schema, which says why.

import type { HeartbeatMessage } from "../agent-messages.ts";
import { isRecord } from "../objects/structure.ts";

const opaqueId = /^[A-Za-z0-9_-]{1,64}$/;
const whole = (value: unknown): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

export function isHeartbeat(value: object): value is HeartbeatMessage {
  if (!isRecord(value)) return false;
  const { version, session, logId, epoch, position, digest, endpoints, reported, lease } = value;
  if (version !== 1 || !whole(session) || !whole(epoch) || !whole(position)) return false;
  if (!whole(digest) || !whole(endpoints) || !whole(reported)) return false;
  if (lease !== undefined && !whole(lease)) return false;
  return typeof logId === "string" && opaqueId.test(logId);
}
