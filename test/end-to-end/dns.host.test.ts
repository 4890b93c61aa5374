// Names on Docker: pods find services, members of a stateful set and themselves, with the resolver of the C library.

import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pod, PodSpec } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { importNode } from "../support/images.ts";

const namespace = "default";
let cluster: TestCluster;
let image = "";

beforeAll(async () => {
  image = await importNode(new Docker());
  cluster = await startTestCluster({ runtime: "docker", nodes: 2, octet: 164 });
});
afterAll(async () => {
  await cluster?.stop();
});

const server = "require('http').createServer((q, r) => r.end(require('os').hostname())).listen(8080)";
const template = (fields: Partial<PodSpec> = {}): PodSpec => ({
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: "main",
      image,
      imagePullPolicy: "IfNotPresent",
      command: ["node", "-e", server],
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    },
  ],
  ...fields,
});
const pod = (name: string, fields: Partial<PodSpec> = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: name } },
  spec: template(fields),
});
async function start(name: string, fields: Partial<PodSpec> = {}): Promise<void> {
  const { warnings } = await cluster.client.apply(pod(name, fields));
  expect(warnings).toEqual([]);
  await cluster.waitReady(`app=${name}`, 1);
}
const run = async (name: string, ...command: string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await cluster.client.run(name, command, {
    namespace,
    container: "main",
  });
  return exitCode === 0 ? stdout.trim() : `exit ${exitCode}: ${stderr}`;
};
const lookUp = (from: string, name: string): Promise<string> =>
  run(
    from,
    "node",
    "-e",
    `require('dns').lookup('${name}', { family: 4 }, (e, a) => console.log(e ? e.code : a))`,
  );
const fetched = (from: string, url: string): Promise<string> =>
  run(
    from,
    "node",
    "-e",
    `fetch('${url}').then((r) => r.text()).then(console.log, (e) => console.log(String(e.cause)))`,
  );

test("a pod finds a service by its short, longer and full name, and what is not there at once", async () => {
  await start("web");
  await start("client");
  const service = await cluster.client.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] },
  });
  const address = (service.object?.spec as { clusterIP?: string } | undefined)?.clusterIP;
  await eventually(async () => expect(await lookUp("client", "web")).toMatch(/^10\./));
  const ip = await lookUp("client", "web");
  if (address) expect(ip).toBe(address);
  for (const name of ["web.default", "web.default.svc", "web.default.svc.cluster.local"]) {
    expect(await lookUp("client", name)).toBe(ip);
  }
  expect(await lookUp("client", "nothing.default")).toMatch(/ENOTFOUND|EAI_AGAIN/);
  await eventually(async () => expect(await fetched("client", "http://web/")).toBe("web"));
});

test("each member of a stateful set has a name, and knows its own", async () => {
  await cluster.client.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "db", namespace },
    spec: { clusterIP: "None", selector: { app: "db" }, ports: [{ name: "http", port: 8080 }] },
  });
  await cluster.client.apply({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db", namespace },
    spec: {
      replicas: 2,
      serviceName: "db",
      selector: { matchLabels: { app: "db" } },
      template: { metadata: { labels: { app: "db" } }, spec: template() },
    },
  });
  const members = await cluster.waitReady("app=db", 2);
  for (const { metadata, status } of members) {
    await eventually(async () => expect(await lookUp("client", `${metadata.name}.db`)).toBe(status?.podIP));
  }
  expect(await fetched("client", "http://db-1.db:8080/")).toBe("db-1");
  expect(await lookUp("db-0", "db-0.db.default.svc.cluster.local")).toBe(
    members.find(({ metadata }) => metadata.name === "db-0")?.status?.podIP,
  );
});

test("host names, with and without their domain", async () => {
  await start("named", { hostname: "one", subdomain: "db" });
  expect(await run("named", "hostname")).toBe("one");
  expect(await run("named", "sh", "-c", "grep -c 'one.db.default.svc.cluster.local' /etc/hosts")).toBe("1");
  await start("full", { hostname: "two", subdomain: "db", setHostnameAsFQDN: true });
  expect(await run("full", "hostname")).toBe("two.db.default.svc.cluster.local");
});

test("resolver settings follow the pod's policy", async () => {
  const read = (name: string): Promise<string> => run(name, "cat", "/etc/resolv.conf");
  const settings = await read("client");
  expect(settings).toMatch(/^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m);
  expect(settings).toMatch(/^options ndots:5$/m);
  await start("own", {
    dnsPolicy: "None",
    dnsConfig: {
      nameservers: ["192.0.2.53"],
      searches: ["a.example"],
      options: [{ name: "ndots", value: "2" }],
    },
  });
  expect((await read("own")).split("\n").filter((line) => line && !line.startsWith("#"))).toEqual([
    "search a.example",
    "nameserver 192.0.2.53",
    "options ndots:2",
  ]);
  await start("as-host", { dnsPolicy: "Default" });
  expect(await read("as-host")).not.toContain("cluster.local");
  await start("on-host", { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" });
  expect(await lookUp("on-host", "web")).toMatch(/^10\./);
  const [onHost] = await cluster.ready("app=on-host");
  expect(onHost?.status?.podIP).toBe(onHost?.status?.hostIP);
});

test("names are answered while one of the host's agents is left", async () => {
  const pods = await cluster.ready("app=client");
  const here = pods[0]?.spec?.nodeName ?? "";
  // Streams to the pod go through its own agent: the other one ends.
  const other = here === "n1" ? "n2" : "n1";
  await cluster.terminate(other);
  await eventually(async () => expect(await lookUp("client", "web")).toMatch(/^10\./));
});
