// Ends pods on a Docker engine past the agent's driver: for a guard that outlives the agent.

import type { Uid } from "../../../protocol/mod.ts";
import type { Fence, FenceAddress } from "../runtime.ts";
import { connectEngine, statusOf } from "./engine.ts";
import { labelNames, ownerFilter } from "./labels.ts";

/** The engine's own SIGKILL comes after this, if the guard's does not come before. */
const stopSeconds = 2;

export function dockerFence(address: Extract<FenceAddress, { type: "docker" }>): Fence {
  const docker = connectEngine(address);
  const running = async (pod: Uid, kind?: "container") => {
    const label = [...ownerFilter(address), `${labelNames.podUid}=${pod}`];
    if (kind) label.push(`${labelNames.kind}=${kind}`);
    return docker.listContainers({ filters: { label, status: ["running", "paused", "restarting"] } });
  };
  return {
    async stop(pod) {
      const containers = await running(pod, "container");
      // The answer comes when they have ended; the kill does not wait for it.
      for (const { Id } of containers) {
        docker
          .getContainer(Id)
          .stop({ t: stopSeconds })
          .catch(() => undefined);
      }
    },
    /** The pause container too: nothing joins the namespaces of one that does not run. */
    async kill(pod) {
      const containers = await running(pod);
      await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).kill().catch(unlessEnded)));
    },
  };
}

/** 404: it is gone. 409: it has ended. */
function unlessEnded(error: unknown): void {
  const status = statusOf(error);
  if (status !== 404 && status !== 409) throw error;
}
