// Requests must fit into what is allocatable and not yet requested. A resource that is not requested is not
// asked for, also on a node that has too little of it (source: Kubernetes, the NodeResourcesFit plugin).

import type { Filter } from "./filter.ts";

export const resources: Filter = {
  name: "resources",
  changesWithPlacement: true,
  prepare({ requests }) {
    const { cpuMilli, memoryBytes, pods } = requests;
    return (candidate) => {
      const cpu = cpuMilli > 0 && candidate.freeCpuMilli < cpuMilli;
      const memory = memoryBytes > 0 && candidate.freeMemoryBytes < memoryBytes;
      const count = candidate.freePods < pods;
      if (!cpu && !memory && !count) return undefined;
      const reasons: string[] = [];
      if (count) reasons.push("Too many pods");
      if (cpu) reasons.push("Insufficient cpu");
      if (memory) reasons.push("Insufficient memory");
      return reasons;
    };
  },
};
