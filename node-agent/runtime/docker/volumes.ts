// Volumes that the engine keeps, made by its volume drivers. Only those with our labels are ever removed.

import { stat } from "node:fs/promises";
import type Dockerode from "dockerode";
import type { VolumeInspectInfo } from "dockerode";
import { type EngineVolumes, RuntimeError } from "../runtime.ts";
import { type CallQueue, statusOf, toRuntimeError } from "./engine.ts";
import { isOwned, labelNames, type Owner } from "./labels.ts";

const plainDriver = "local";

export function dockerVolumes(docker: Dockerode, calls: CallQueue, owner: Owner): EngineVolumes {
  async function call<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await calls.run(work);
    } catch (error) {
      throw toRuntimeError(error, what, "Unavailable");
    }
  }

  async function find(handle: string): Promise<VolumeInspectInfo | undefined> {
    try {
      return await calls.run(() => docker.getVolume(handle).inspect());
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw toRuntimeError(error, `looking at volume ${handle}`, "Unavailable");
    }
  }

  return {
    async ensure({ handle, driver, options, begun }) {
      const found = await find(handle);
      if (!found && begun) {
        throw new RuntimeError(
          "NotFound",
          `the engine has no volume ${handle} any more: put it back, or delete the claim`,
        );
      }
      if (found && !isOwned(found.Labels ?? {}, owner)) {
        throw new RuntimeError("AlreadyExists", `the engine has a volume ${handle} that is not this node's`);
      }
      if (!found) {
        const labels = { [labelNames.cluster]: owner.cluster, [labelNames.node]: owner.node };
        await call(`making volume ${handle} with driver ${driver}`, () =>
          docker.createVolume({ Name: handle, Driver: driver, DriverOpts: options, Labels: labels }),
        );
      }
      const { Mountpoint: hostPath = "" } = found ?? (await find(handle)) ?? {};
      // A directory of the engine's, like any other of the host. What a driver mounts is there only while it is used.
      const isPlain = driver === plainDriver && Object.keys(options).length === 0;
      if (isPlain && (await isDirectory(hostPath))) return { hostPath };
      return { hostPath: hostPath || `/${handle}`, engineVolume: handle };
    },
    async remove(handle) {
      const found = await find(handle);
      if (!found) return;
      if (!isOwned(found.Labels ?? {}, owner)) {
        throw new RuntimeError("NotFound", `the engine's volume ${handle} is not this node's`);
      }
      await call(`removing volume ${handle}`, () => docker.getVolume(handle).remove());
    },
  };
}

const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;
