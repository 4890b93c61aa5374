// Names on the process runtime: its pods have no resolv.conf of their own, so they are told where the server is.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";

const namespace = "default";
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster({ runtime: "process", nodes: 1, octet: 166 });
});
afterAll(async () => {
  await cluster?.stop();
});

const script = `
const { Resolver } = require("node:dns").promises;
const resolver = new Resolver();
resolver.setServers([process.env.BERTH_DNS]);
resolver.resolve4(process.argv[1]).then((found) => console.log(found.join()), (error) => console.log(error.code));
`;

test("a pod asks the server of its node, whose address stands in its environment", async () => {
  await cluster.client.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace, labels: { app: "web" } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image: "none", command: ["sleep", "1000"] }],
    },
  });
  await cluster.client.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace },
    spec: { clusterIP: "None", selector: { app: "web" } },
  });
  const [pod] = await cluster.waitReady("app=web", 1);
  const lookUp = async (name: string): Promise<string> => {
    const command = [process.execPath, "-e", script, name];
    const { stdout, stderr } = await cluster.client.run("web", command, { namespace, container: "main" });
    return stdout.trim() || stderr;
  };
  await eventually(async () =>
    expect(await lookUp("web.default.svc.cluster.local")).toBe(pod?.status?.podIP),
  );
  expect(await lookUp("nothing.default.svc.cluster.local")).toBe("ENOTFOUND");
});
