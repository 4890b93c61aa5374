// Prefers nodes whose cpu and memory would be used to the same degree, so that neither is left over alone.

import { fractionUsed, type Score } from "./score.ts";

export const balancedAllocation: Score = {
  name: "balanced",
  weight: 1,
  prepare({ requests: { cpuMilli, memoryBytes } }) {
    if (cpuMilli === 0 && memoryBytes === 0) return undefined;
    return ({ row: { allocatable }, freeCpuMilli, freeMemoryBytes }) => {
      const cpu = fractionUsed(allocatable.cpuMilli, freeCpuMilli, cpuMilli);
      const memory = fractionUsed(allocatable.memoryBytes, freeMemoryBytes, memoryBytes);
      return 100 * (1 - Math.abs(cpu - memory));
    };
  },
};
