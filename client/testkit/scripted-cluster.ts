// A client, a scripted master and a virtual world on one bus in memory.

import {
  createMemoryHub,
  createVirtualWorld,
  type MemoryClient,
  type VirtualWorld,
} from "../../actors/mod.ts";
import type { BerthClient } from "../client.ts";
import { connectWith, type ClientOptions } from "../connect.ts";
import { ScriptedApi, type Script } from "./scripted-api.ts";

export interface ScriptedCluster {
  readonly world: VirtualWorld;
  readonly api: ScriptedApi;
  readonly client: BerthClient;
  /** The client's connection, to drop and restore. */
  readonly connection: MemoryClient;
  /** Resolves with what the promise brings while time moves on. */
  readonly settled: <T>(promise: Promise<T>) => Promise<T>;
}

export const startAt = Date.parse("2026-01-01T01:00:00Z");

export function scriptedCluster(script: Script, options: ClientOptions = {}): ScriptedCluster {
  const world = createVirtualWorld({ seed: 1, startAt });
  const hub = createMemoryHub(world);
  const api = new ScriptedApi(hub.connect("master"), script);
  const connection = hub.connect("client");
  const client = connectWith(connection, { world, ...options });
  return {
    world,
    api,
    client,
    connection,
    settled: async (promise) => {
      let done = false;
      const mark = (): void => {
        done = true;
      };
      promise.then(mark, mark);
      await world.runUntil(() => done);
      return await promise;
    },
  };
}
