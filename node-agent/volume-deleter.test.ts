import { expect, test } from "vitest";
import { silentLogger } from "../actors/mod.ts";
import {
  failure,
  type SessionId,
  success,
  type Uid,
  type VolumeDeletedMessage,
  type VolumeSource,
} from "../protocol/mod.ts";
import { VolumeDeleter } from "./volume-deleter.ts";
import type { ClaimVolumes } from "./volumes/claim-volumes.ts";

const source = (handle: string): VolumeSource => ({ type: "directory", handle, begun: true });
const order = (...handles: readonly string[]) => ({
  version: 1 as const,
  session: 3 as SessionId,
  volumes: handles.map((handle) => ({ uid: `uid-${handle}` as Uid, source: source(handle) })),
});

function deleter(used: readonly string[], remove: ClaimVolumes["remove"]) {
  const told: VolumeDeletedMessage[] = [];
  const made = new VolumeDeleter({
    claims: { remove, prepare: () => Promise.reject(new Error("nothing is prepared here")) },
    logger: silentLogger,
    volumesInUse: () => used.map((handle) => ({ name: "data", source: source(handle) })),
    tell: (message) => told.push(message),
  });
  return { made, told };
}

test("deletes what no pod of the node has, and says so; what one still has it leaves", async () => {
  const removed: string[] = [];
  const { made, told } = deleter(["b"], (volume) => {
    removed.push(volume.type === "path" ? volume.path : volume.handle);
    return Promise.resolve(success(undefined));
  });
  await made.delete(order("a", "b"));
  expect(removed).toEqual(["a"]);
  expect(told).toEqual([{ version: 1, session: 3, volume: "uid-a" }]);
});

test("says why data could not be deleted", async () => {
  const { made, told } = deleter([], () => Promise.resolve(failure("Internal", "disk is gone")));
  await made.delete(order("a"));
  expect(told).toEqual([{ version: 1, session: 3, volume: "uid-a", error: "disk is gone" }]);
});

test("does one deletion at a time, however often it is told", async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const { made, told } = deleter([], async () => {
    begun++;
    await gate.promise;
    return success(undefined);
  });
  const first = made.delete(order("a"));
  await made.delete(order("a"));
  expect(begun).toBe(1);
  gate.resolve();
  await first;
  expect(told).toHaveLength(1);
});
