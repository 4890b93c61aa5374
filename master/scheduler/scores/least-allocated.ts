// Prefers nodes with the most left over of cpu, memory and places. Places count, so that pods which request
// nothing are spread as well.

import { fractionUsed, type Score } from "./score.ts";

export const leastAllocated: Score = {
  name: "least allocated",
  weight: 1,
  prepare:
    ({ requests }) =>
    ({ row: { allocatable }, freeCpuMilli, freeMemoryBytes, freePods }) => {
      const cpu = fractionUsed(allocatable.cpuMilli, freeCpuMilli, requests.cpuMilli);
      const memory = fractionUsed(allocatable.memoryBytes, freeMemoryBytes, requests.memoryBytes);
      const pods = fractionUsed(allocatable.pods, freePods, requests.pods);
      return (100 * (3 - cpu - memory - pods)) / 3;
    },
};
