// Mistakes about claims and their data.

import type { Defect } from "./defect.ts";

export const volumeDefects: readonly Defect[] = [
  {
    name: "data-is-ignored",
    about: "a pod goes to a node that does not have its data",
    patches: [
      {
        file: "master/storage/volume-needs.ts",
        find: "placed.every(({ nodes }) => isReachable(nodes, node));",
        put: "placed.length >= 0 || placed.every(({ nodes }) => isReachable(nodes, node));",
      },
      {
        file: "master/scheduler/volumes.ts",
        find: "if (found.length < fewest.length) fewest = found;",
        put: "if (found.length > fewest.length) fewest = found;",
      },
    ],
  },
  {
    name: "released-too-early",
    about: "a volume is given back while its claim is there",
    patches: [
      {
        file: "master/controllers/volume.ts",
        find: 'if (volumeName === volume.ref.name) return { phase: "Bound" };',
        put: 'if (volumeName !== volume.ref.name) return { phase: "Bound" };',
      },
    ],
  },
];
