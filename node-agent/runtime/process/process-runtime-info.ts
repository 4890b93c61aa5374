// What the process runtime says of itself, and of images, of which it has none: every reference stands for the host's own
// programs.

import { availableParallelism, release, totalmem } from "node:os";
import type { ImageInfo, RuntimeInfo, StoredImage } from "../runtime.ts";
import type { Cgroups } from "./cgroups.ts";

export function processRuntimeInfo(cgroups: Cgroups): RuntimeInfo {
  const limits =
    cgroups.version === "none"
      ? `not enforced: ${cgroups.why}`
      : `enforced (control groups version ${cgroups.version})`;
  return {
    name: "process",
    version: process.version,
    details: {
      kernel: release(),
      limits,
      mounts: "by links and rewritten paths; read-only mounts are not enforced",
      exits: process.platform === "linux" ? "by pid and start time" : "by pid alone",
    },
    capacity: { cpuMilli: availableParallelism() * 1000, memoryBytes: totalmem() },
    addressing: "loopback",
  };
}

export const hostImage = (reference: string): Promise<ImageInfo> =>
  Promise.resolve({ reference, id: `process://${reference}`, sizeBytes: 0 });

export const noImages = {
  list: (): Promise<readonly StoredImage[]> => Promise.resolve([]),
  remove: (): Promise<boolean> => Promise.resolve(true),
};
