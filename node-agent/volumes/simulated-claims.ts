// Claims without files, for clusters on virtual time. The store outlives agents, as a disk does.

import { failure, success } from "../../protocol/mod.ts";
import type { ClaimVolumes } from "./claim-volumes.ts";

export function simulatedClaims(disk: Set<string> = new Set()): ClaimVolumes {
  return {
    prepare(source) {
      if (source.type === "path") return Promise.resolve(success({ hostPath: source.path }));
      const { handle, begun } = source;
      if (begun && !disk.has(handle)) {
        return Promise.resolve(
          failure("NotFound", `the data of volume ${handle} is not on this node any more`),
        );
      }
      disk.add(handle);
      return Promise.resolve(success({ hostPath: `/claims/${handle}` }));
    },
    remove(source) {
      if (source.type !== "path") disk.delete(source.handle);
      return Promise.resolve(success(undefined));
    },
  };
}
