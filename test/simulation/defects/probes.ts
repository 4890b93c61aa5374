// Mistakes about probes, restarts and images.

import type { Defect } from "./defect.ts";

const probes = "node-agent/pods/probes.ts";

export const probeDefects: readonly Defect[] = [
  {
    name: "nobody-asks-who-lives",
    about: "a container whose liveness probe fails runs on",
    patches: [
      {
        file: probes,
        find: 'for (const kind of ["startup", "liveness"] as const) {',
        put: 'for (const kind of ["startup"] as const) {',
      },
    ],
  },
  {
    name: "one-failure-is-enough",
    about: "a container is restarted after the first failure of its liveness probe, whatever its threshold",
    patches: [
      {
        file: probes,
        find: 'if (failures >= settings.failureThreshold) result = "failure";',
        put: 'if (failures >= 1) result = "failure";',
      },
    ],
  },
  {
    name: "pulls-without-a-pause",
    about: "an image that cannot be pulled is asked for again and again",
    patches: [
      {
        file: "node-agent/pods/failed-action.ts",
        find: ": backOff(timing.pullInitialMs, timing.pullMaxMs, failures);",
        put: ": backOff(timing.retryInitialMs, timing.retryInitialMs, failures);",
      },
    ],
  },
  {
    name: "restarts-without-a-pause",
    about: "a container that ends again and again is started again at once",
    patches: [
      {
        file: "node-agent/pods/lifecycle.ts",
        find: "memory.crashes === 0 ? 0 : backOff(",
        put: "memory.crashes >= 0 ? 0 : backOff(",
      },
    ],
  },
];
