// The fence of a runtime by its address. Loads only the driver that is asked for, and no contract: the guard is small.

import type { Fence, FenceAddress } from "./runtime.ts";

export async function openFence(address: FenceAddress): Promise<Fence> {
  switch (address.type) {
    case "docker":
      return (await import("./docker/fence.ts")).dockerFence(address);
    case "simulated":
      throw new Error("a simulated runtime has its guard beside it");
    case "process":
      return (await import("./process/fence.ts")).processFence(address);
    default:
      throw new Error(`no such fence: ${JSON.stringify(address satisfies never)}`);
  }
}
