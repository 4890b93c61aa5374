// Where the data of claims is on this node: one door to directories, engine volumes and other people's paths.
// Data stays until the leader says that its volume is to be deleted; nothing else here ever removes any.

import {
  assertNever,
  failure,
  hostPathType,
  type Result,
  success,
  type VolumeSource,
} from "../../protocol/mod.ts";
import type { EngineVolumes } from "../runtime/runtime.ts";
import { claimDirectories } from "./claim-directory.ts";
import { type GroupShare, shareWithGroup } from "./group-share.ts";
import { checkHostPath } from "./host-path.ts";

export interface PreparedClaim {
  readonly hostPath: string;
  /** The engine mounts it itself: its driver shows the data only while a container has it. */
  readonly engineVolume?: string;
}

export interface ClaimVolumes {
  /** Idempotent. NotFound when data was there once and is not any more: nobody is given an empty volume for it. */
  prepare(source: VolumeSource, group: GroupShare | undefined): Promise<Result<PreparedClaim>>;
  /** Deletes the data. Nothing there is fine. */
  remove(source: VolumeSource): Promise<Result<void>>;
}

export function claimVolumes(directory: string, engine: EngineVolumes | undefined): ClaimVolumes {
  const directories = claimDirectories(directory);
  const noEngine = failure("Invalid", "this node's runtime has no engine that makes volumes");
  return {
    async prepare(source, group) {
      const prepared = await prepareSource(source);
      if (!prepared.ok || !group || prepared.value.engineVolume !== undefined) return prepared;
      // A path of the host's is whoever's it is.
      if (source.type === "path" && source.pathType !== "Directory") return prepared;
      const shared = await shareWithGroup(prepared.value.hostPath, group);
      return shared.ok ? prepared : shared;
    },
    async remove(source) {
      switch (source.type) {
        case "directory":
          return directories.remove(source.handle);
        case "engine":
          return engine ? caught(() => engine.remove(source.handle)) : noEngine;
        case "path":
          return failure("Forbidden", `${source.path} is not this agent's to delete`);
        default:
          return assertNever(source, "volume source");
      }
    },
  };

  async function prepareSource(source: VolumeSource): Promise<Result<PreparedClaim>> {
    switch (source.type) {
      case "directory":
        return directories.prepare(source.handle, source.begun);
      case "engine":
        return engine ? caught(() => engine.ensure(source)) : noEngine;
      case "path": {
        const path = await checkHostPath({ path: source.path, type: hostPathType(source.pathType) ?? "" });
        return path.ok ? success({ hostPath: path.value }) : path;
      }
      default:
        return assertNever(source, "volume source");
    }
  }
}

async function caught<Value>(work: () => Promise<Value>): Promise<Result<Value>> {
  try {
    return success(await work());
  } catch (error) {
    return failure("Unavailable", error instanceof Error ? error.message : String(error));
  }
}
