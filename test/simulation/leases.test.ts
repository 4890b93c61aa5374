// Identities under a lease in the simulation: nodes and masters are cut off, die, stand still and come back, and two
// of one identity never run. Confirming leases goes on for ever and is no work that is left.

import { expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import { reportResult } from "./report.ts";
import { drawPlan, type Plan } from "./plan.ts";
import { runPlan } from "./run.ts";
import { connectionFaults } from "./faults/connections.ts";
import { hostFaults } from "./faults/hosts.ts";
import { processFaults } from "./faults/processes.ts";

const seeds = Array.from({ length: 12 }, (_, index) => 5_000 + index);
/** What can make two of one: everything that parts an agent from its leader, its host, its containers or its time. */
const parting: ReadonlySet<string> = new Set(
  [...connectionFaults, ...hostFaults, ...processFaults].map(({ type }) => type),
);
const limitMs = 120_000;

const database = (fencing: "Lease" | "Confirm"): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: {
    name: `db-${fencing.toLowerCase()}`,
    namespace: "default",
    annotations: { "berth.io/fencing": fencing },
  },
  spec: {
    serviceName: "db",
    replicas: 2,
    podManagementPolicy: "Parallel",
    selector: { matchLabels: { app: fencing } },
    template: {
      metadata: { labels: { app: fencing } },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "app:1" }] },
    },
  },
});

function planOf(seed: number): Plan {
  const drawn = drawPlan(seed);
  const apply = (fencing: "Lease" | "Confirm") =>
    ({ at: 2_000, user: 0, operation: { do: "apply", object: database(fencing) } }) as const;
  return {
    ...drawn,
    // They end when they are told to, or fenced; some of them do not listen.
    programs: { ...drawn.programs, exits: 0, missing: 0 },
    faults: drawn.faults.filter(({ type }) => parting.has(type)),
    commands: [apply("Lease"), apply("Confirm")],
  };
}

test(
  "two of one identity never run",
  async () => {
    let confirmed = 0;
    for (const seed of seeds) {
      const result = await runPlan(planOf(seed));
      expect(result.failure && reportResult(result)).toBeUndefined();
      confirmed += new Map(result.coverage.events).get("LeasesConfirmed") ?? 0;
    }
    expect(confirmed).toBeGreaterThan(100);
  },
  limitMs,
);
