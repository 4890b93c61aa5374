// How much each pod of this node uses of what is short: asked only then, as walking folders is not free.

import type { AssignedPod, PodReport } from "../../protocol/mod.ts";
import type { ContainerRuntime } from "../runtime/runtime.ts";
import { runningContainers } from "../stats/usage-reporter.ts";
import type { PodVolumes } from "../volumes/pod-volumes.ts";
import type { ContainerFigures, PodFigures } from "./ranking.ts";
import type { PressureType } from "./signals.ts";

export interface HostedPod {
  readonly assigned: AssignedPod;
  readonly report: PodReport | undefined;
}

export interface FiguresOptions {
  readonly runtime: Pick<ContainerRuntime, "usage" | "writtenBytes">;
  readonly volumes: Pick<PodVolumes, "podBytes">;
  readonly pods: Iterable<HostedPod>;
  readonly of: PressureType;
}

/** Of pods that run here and are not on their way out. What vanishes meanwhile uses nothing. */
export async function podFigures({
  runtime,
  volumes,
  pods,
  of,
}: FiguresOptions): Promise<readonly PodFigures[]> {
  const figures: PodFigures[] = [];
  for (const { assigned, report } of pods) {
    const phase = report?.status.phase;
    if (assigned.stop || !report || phase === "Succeeded" || phase === "Failed") continue;
    const { uid, pod } = assigned;
    const containers: ContainerFigures[] = [];
    let processes = 0;
    for (const { name, id } of runningContainers([report])) {
      const disk = of === "DiskPressure";
      const usage = disk ? undefined : await runtime.usage(id).catch(() => undefined);
      const diskBytes = disk ? await runtime.writtenBytes(id).catch(() => 0) : 0;
      processes += usage?.processes ?? 1;
      containers.push({ name, memoryBytes: usage?.memoryBytes ?? 0, diskBytes });
    }
    const volumeBytes = of === "DiskPressure" ? await volumes.podBytes(uid) : 0;
    figures.push({ uid, pod, containers, volumeBytes, processes });
  }
  return figures;
}
