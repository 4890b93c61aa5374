// Mistakes about hosts that run full, and about leases.

import type { Defect } from "./defect.ts";

export const pressureDefects: readonly Defect[] = [
  {
    name: "modest-pods-go-first",
    about: "a full host lets those pods go first that take less than they asked for",
    patches: [
      {
        file: "node-agent/pressure/ranking.ts",
        find: "Number(excess(other) > 0) - Number(excess(one) > 0) ||",
        put: "Number(excess(one) > 0) - Number(excess(other) > 0) ||",
      },
    ],
  },
  {
    name: "pressure-keeps-nobody-out",
    about: "a node that says that its disk is full gets no taint",
    patches: [
      {
        file: "master/controllers/node-pods.ts",
        find: '  DiskPressure: "node.kubernetes.io/disk-pressure",\n',
        put: "",
      },
    ],
  },
  {
    name: "pods-go-in-vain",
    about: "a node goes on letting pods go when it has enough again",
    patches: [
      {
        file: "node-agent/pressure/pressure-watch.ts",
        find: "let { shortages } = await this.#judge();\n    const [first] = shortages;",
        put: "let { shortages } = await this.#judge();\n    this.#last = shortages[0] ?? this.#last;\n    const first = this.#last;\n    shortages = first ? [first] : [];",
      },
      {
        file: "node-agent/pressure/pressure-watch.ts",
        find: "  #failing = false;",
        put: "  #failing = false;\n  #last: Shortage | undefined;",
      },
    ],
  },
  {
    name: "lease-without-an-end",
    about: "the guard of leases waits for ever",
    patches: [
      {
        file: "node-agent/leases/guard-plan.ts",
        find: "if (age < stopAfterMs) continue;",
        put: "if (age < stopAfterMs * 1_000) continue;",
      },
    ],
  },
  {
    name: "everything-has-a-lease",
    about: "the leader confirms leases for pods that have none, and the guard ends those with the others",
    patches: [
      {
        file: "master/cluster/identity.ts",
        find: "if (hasLease(pod) && !pod.givenUp) yield pod;",
        put: "if (!pod.givenUp) yield pod;",
      },
    ],
  },
];
