// Manifests of well-known applications, as their authors wrote them for Kubernetes, applied as a user would: what is said
// about each, and that its workloads run. The files are not in this repository: test/manifests/README.md tells why.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultPrefix } from "../../protocol/mod.ts";
import { type Application, readApplications } from "../manifests/application.ts";
import { createNamespace } from "../manifests/create-namespace.ts";
import expectations from "../manifests/expected.json" with { type: "json" };
import { type Outcome, outcomeOf, unready } from "../manifests/outcome.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { runCommand } from "../support/run-cli.ts";
import { startSimulatedNodes } from "../support/simulated-nodes.ts";

interface Expected extends Outcome {
  /** What can't become ready here: its secret comes from elsewhere, or its class from another provisioner. */
  readonly waiting: readonly string[];
}

const folder = process.env["BERTH_MANIFESTS"];
const expected: Readonly<Record<string, Expected>> = expectations;
const applications = folder === undefined ? [] : await readApplications(folder);
const waitMs = 150_000;

describe.skipIf(folder === undefined)("applications in the folder of BERTH_MANIFESTS", () => {
  let cluster: TestCluster;
  let stopNodes: () => Promise<void>;
  // Those whose manifests name their namespaces would meet in kube-system: they take turns.
  let turn: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    const ending = new Set(applications.flatMap((application) => [...application.ending]));
    cluster = await startTestCluster({ runtime: "process", nodes: 0, octet: 173 });
    stopNodes = await startSimulatedNodes({
      url: cluster.url,
      prefix: defaultPrefix,
      cluster: cluster.cluster,
      names: ["s1", "s2", "s3"],
      program: ({ name }) => (ending.has(name) ? { exitAfterMs: 10 } : {}),
      capacity: { cpuMilli: 64_000, memoryBytes: 2 ** 38, pods: 500 },
    });
    // A class that nearly every cluster has, and manifests count on.
    await cluster.client.create({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "standard" },
      provisioner: "berth.io/local",
      volumeBindingMode: "WaitForFirstConsumer",
    });
  }, waitMs);
  afterAll(async () => {
    await stopNodes?.();
    await cluster?.stop();
  }, waitMs);

  const run = async ({ name, folder: files, namespaces }: Application): Promise<void> => {
    const own = namespaces.length === 0;
    const places = own ? [name] : namespaces;
    for (const namespace of places) await createNamespace(cluster.client, namespace);
    const berth = (...argv: readonly string[]) =>
      runCommand(["-s", cluster.url, ...(own ? ["-n", name] : []), ...argv]);
    const { waiting, ...said } = expected[name] ?? {
      code: 0,
      errors: [],
      leftOut: {},
      warnings: {},
      waiting: [],
    };
    expect(outcomeOf(await berth("apply", "-f", files))).toEqual(said);
    await eventually(async () => expect(await unready(cluster.client, places)).toEqual(waiting), waitMs);
    const deleted = outcomeOf(await berth("delete", "--ignore-not-found", "-f", files));
    expect({ code: deleted.code, errors: deleted.errors }).toEqual({ code: 0, errors: [] });
  };

  test.concurrent.each(applications)(
    "$name",
    async (application) => {
      if (application.namespaces.length === 0) return run(application);
      const mine = turn.then(() => run(application));
      turn = mine.catch(() => undefined);
      return mine;
    },
    4 * waitMs,
  );
});
