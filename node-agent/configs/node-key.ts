// The node's own key: made at its first registration and kept, so that what was sealed to it opens after a restart.

import { createHash } from "node:crypto";
import type { Ids } from "../../actors/mod.ts";
import { type BoxKeys, boxKeys, boxSeedBytes } from "../../protocol/mod.ts";
import type { RecordStore } from "../host/agent-host.ts";

export async function nodeKey(store: RecordStore, ids: Ids): Promise<BoxKeys> {
  const text = await store.load();
  const kept = Buffer.from(text ?? "", "base64url");
  if (kept.length === boxSeedBytes) return boxKeys(kept);
  // Three ids hold more chance than the key has bits.
  const seed = createHash("sha256").update(`${ids.uuid()}${ids.uuid()}${ids.uuid()}`).digest();
  await store.save(seed.toString("base64url"));
  return boxKeys(seed);
}
