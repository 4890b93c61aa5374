// Manifests of well-known applications on three nodes whose containers are simulated: every image is at hand, every program
// runs, whatever it is. The files are not in this repository: test/manifests/README.md.

import { afterAll, beforeAll, describe } from "vitest";
import { defaultPrefix } from "../../protocol/mod.ts";
import { readApplications } from "../manifests/application.ts";
import { expectedOf } from "../manifests/expected.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { startSimulatedNodes } from "../support/simulated-nodes.ts";
import { fetchedFolder, testApplications } from "./application-scenario.ts";

const elsewhere = process.env["BERTH_MANIFESTS"];
const folder = elsewhere ?? fetchedFolder;
const applications = folder === undefined ? [] : await readApplications(folder);
/** The longest that a manifest from elsewhere itself asks for, before a first probe, is three minutes. */
const waitMs = elsewhere === undefined ? 150_000 : 300_000;
/** Classes that claims name and nearly every cluster has, or that the application's own instructions make. */
const classes = ["standard", "default", "nginx-sc"];

describe.skipIf(folder === undefined)("manifests of well-known applications", () => {
  let cluster: TestCluster;
  let stopNodes: () => Promise<void>;

  beforeAll(async () => {
    const containers = applications.flatMap((application) => application.containers);
    const ending = new Set(containers.filter(({ ends }) => ends).map(({ name }) => name));
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

  testApplications({
    cluster: () => cluster,
    applications,
    expectedOf: (name) => expectedOf(name, elsewhere === undefined ? "Debian" : "elsewhere"),
    waitMs,
  });
});
