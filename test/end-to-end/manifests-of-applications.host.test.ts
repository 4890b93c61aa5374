// Those of the well-known applications that ask nothing special of their host, on three nodes with Docker. Their images are
// replaced by a local one under the same names: a program that serves their ports, wherever a manifest calls one.

import { get } from "node:http";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type Application, readApplications } from "../manifests/application.ts";
import { expectedOf } from "../manifests/expected.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { importStandIn } from "../support/images.ts";
import { fetchedFolder, testApplications } from "./application-scenario.ts";

/**
 * No host network, no path of the host, no image that must be pulled, no script that calls the image's own programs, no
 * service of a port that no container has.
 */
const names = [
  "calico-node-autoscaler",
  "cassandra-controller",
  "echoheaders",
  "glbc-default-backend",
  "guestbook",
  "guestbook-controllers",
  "hello-world",
  "kibana",
  "mysql",
  "nginx-https",
  "nginx-set",
  "openldap",
  "redis-sentinel",
  "update-demo",
  "volume-snapshot-controller",
  "vulcand",
  "wordpress",
];
const waitMs = 120_000;

/** `fetch` refuses ports of other protocols. */
const statusOf = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = get({ host, port, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", reject);
  });

async function chosenApplications(folder: string): Promise<readonly Application[]> {
  return (await readApplications(folder)).filter(({ name }) => names.includes(name));
}
const applications = fetchedFolder === undefined ? [] : await chosenApplications(fetchedFolder);

describe.skipIf(fetchedFolder === undefined)("manifests of well-known applications on Docker", () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    expect(applications.map(({ name }) => name)).toEqual(names);
    const containers = applications.flatMap((application) => application.containers);
    await importStandIn(new Docker(), {
      names: containers.map(({ image }) => image),
      programs: containers.flatMap(({ program }) => (program === undefined ? [] : [program])),
      ports: containers.flatMap(({ ports }) => ports),
    });
    cluster = await startTestCluster({ runtime: "docker", octet: 196 });
    await cluster.client.create({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "nginx-sc" },
      provisioner: "berth.io/local",
      volumeBindingMode: "WaitForFirstConsumer",
    });
  }, waitMs);
  afterAll(async () => {
    await cluster?.stop();
  }, waitMs);

  /** Every service answers at its address. */
  const reach = async (namespaces: readonly string[]): Promise<void> => {
    for (const namespace of namespaces) {
      for (const { spec } of await cluster.client.list("Service", { namespace })) {
        if (spec?.clusterIP === undefined || spec.clusterIP === "None") continue;
        for (const { port, protocol = "TCP" } of spec.ports ?? []) {
          if (protocol !== "TCP") continue;
          const host = spec.clusterIP;
          await eventually(async () => expect(await statusOf(host, port)).toBe(200));
        }
      }
    }
  };

  testApplications({
    cluster: () => cluster,
    applications,
    expectedOf: (name) => expectedOf(name, "Debian"),
    waitMs,
    whileReady: reach,
  });
});
