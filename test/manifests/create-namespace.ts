// Makes a namespace unless it is there.

import type { BerthClient } from "../../client/mod.ts";
import { BerthError } from "../../protocol/mod.ts";

export async function createNamespace(client: BerthClient, name: string): Promise<void> {
  try {
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  } catch (error) {
    if (!(error instanceof BerthError && error.code === "AlreadyExists")) throw error;
  }
}
