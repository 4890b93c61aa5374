// Manifests of well-known applications, as their authors wrote them for Kubernetes, applied as a user would: what is said
// about each, that its workloads run, and that it goes again. The files are not in this repository: test/manifests/README.md.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultPrefix } from "../../protocol/mod.ts";
import { type Application, readApplications } from "../manifests/application.ts";
import { createNamespace } from "../manifests/create-namespace.ts";
import fromDebian from "../manifests/expected.json" with { type: "json" };
import fromElsewhere from "../manifests/expected-elsewhere.json" with { type: "json" };
import { type Outcome, outcomeOf } from "../manifests/outcome.ts";
import { unready } from "../manifests/unready.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { runCommand } from "../support/run-cli.ts";
import { startSimulatedNodes } from "../support/simulated-nodes.ts";

interface Expected extends Outcome {
  /** What can't become ready here: its secret comes from elsewhere, or its class from another provisioner. */
  readonly waiting: readonly string[];
}

const elsewhere = process.env["BERTH_MANIFESTS"];
const fetched = join(import.meta.dirname, "..", "..", ".berth", "manifests");
const folder = elsewhere ?? (existsSync(fetched) ? fetched : undefined);
const plain: Expected = { code: 0, errors: [], leftOut: {}, warnings: {}, waiting: [] };
/** What is not said of an application is as in `plain`. */
const expected: Readonly<Record<string, Partial<Expected>>> =
  elsewhere === undefined ? fromDebian : fromElsewhere;
const applications = folder === undefined ? [] : await readApplications(folder);
const waitMs = 150_000;
/** Classes that claims name and nearly every cluster has, or that the application's own instructions make. */
const classes = ["standard", "default", "nginx-sc"];

describe.skipIf(folder === undefined)("manifests of well-known applications", () => {
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
    for (const name of classes) {
      await cluster.client.create({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name },
        provisioner: "berth.io/local",
        volumeBindingMode: "WaitForFirstConsumer",
      });
    }
  }, waitMs);
  afterAll(async () => {
    await stopNodes?.();
    await cluster?.stop();
  }, waitMs);

  const run = async ({ name, folder: files, namespaces, configMaps }: Application): Promise<void> => {
    const own = namespaces.length === 0;
    const places = own ? [name] : namespaces;
    const { waiting, ...said } = { ...plain, ...expected[name] };
    const berth = (...argv: readonly string[]) =>
      runCommand(["-s", cluster.url, ...(own ? ["-n", name] : []), ...argv]);
    for (const namespace of places) await createNamespace(cluster.client, namespace);
    for (const map of configMaps) await berth("create", "configmap", map.name, "--from-file", map.folder);

    expect(outcomeOf(await berth("apply", "-f", files), files)).toEqual(said);
    await eventually(async () => expect(await unready(cluster.client, places)).toEqual(waiting), waitMs);
    // What was applied is there as it was written: there is nothing to change.
    const again = await berth("apply", "-f", files);
    expect(again.out.split("\n").filter((line) => !/( unchanged|^)$/.test(line))).toEqual([]);

    const deleted = outcomeOf(await berth("delete", "--ignore-not-found", "-f", files), files);
    expect({ code: deleted.code, errors: deleted.errors }).toEqual({ code: 0, errors: [] });
    for (const namespace of places) {
      await eventually(
        async () => expect(await cluster.client.list("Pod", { namespace })).toEqual([]),
        waitMs,
      );
    }
    expect(await unready(cluster.client, places), "left behind").toEqual([]);
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
