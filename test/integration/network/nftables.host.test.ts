// The nftables service proxy between real network namespaces: two pods behind a bridge, clients on the host and in
// the pods themselves.

import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createLogger, createSystemWorld } from "../../../actors/mod.ts";
import { createServiceProxy, type ServiceProxy } from "../../../node-agent/network/mod.ts";
import { answeringNames, type EchoServer, greeting, startEcho } from "../../support/echo-server.ts";
import { serviceEntry } from "../../support/services.ts";

const world = createSystemWorld(createLogger({ level: "silent" }));
const vip = "10.96.0.77";
const pods = [
  { name: "berth-pod-a", ip: "10.211.0.2", port: 9000 },
  { name: "berth-pod-b", ip: "10.211.0.3", port: 9000 },
] as const;
const servers: EchoServer[] = [];
let services: ServiceProxy;

const ip = (line: string): void => void execFileSync("ip", line.split(" "));
const tables = (): string => execFileSync("nft", ["list", "tables"]).toString();

beforeAll(async () => {
  ip("link add berth-br0 type bridge");
  ip("address add 10.211.0.1/24 dev berth-br0");
  ip("link set berth-br0 up");
  for (const [index, { name, ip: address, port }] of pods.entries()) {
    ip(`netns add ${name}`);
    ip(`link add veth-t${index} type veth peer name eth0 netns ${name}`);
    ip(`link set veth-t${index} master berth-br0 up`);
    ip(`-n ${name} link set lo up`);
    ip(`-n ${name} address add ${address}/24 dev eth0`);
    ip(`-n ${name} link set eth0 up`);
    ip(`-n ${name} route add default via 10.211.0.1`);
    servers.push(await startEcho({ name, address, port, namespace: name }));
  }
  execFileSync("sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"]);
  // Docker's policy drops what it does not know; on a host its own bridge is known to it.
  execFileSync("iptables", ["-I", "FORWARD", "-i", "berth-br0", "-o", "berth-br0", "-j", "ACCEPT"]);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const { name } of pods) ip(`netns delete ${name}`);
  ip("link delete berth-br0");
  execFileSync("iptables", ["-D", "FORWARD", "-i", "berth-br0", "-o", "berth-br0", "-j", "ACCEPT"]);
});

async function start(...entries: Parameters<ServiceProxy["replace"]>[0][number][]): Promise<void> {
  services = createServiceProxy("nftables", { cluster: "nft-test", world });
  await services.replace(entries);
  await expect.poll(() => services.describe()).toContain(`${entries.length} services`);
}
afterEach(async () => {
  await services.close({ cleanUp: true });
});

/** What a client inside a pod's namespace is told. */
const greetingFrom = (namespace: string): string =>
  execFileSync("nsenter", [
    `--net=/run/netns/${namespace}`,
    ...[process.execPath, "--eval"],
    `const s=require("net").connect({host:"${vip}",port:80,timeout:3000});s.on("timeout",()=>{console.log("timeout");s.destroy()});
     s.on("error",e=>console.log(e.code));s.once("data",d=>{console.log(String(d).trim());s.destroy()})`,
  ])
    .toString()
    .trim();

test("the host reaches every endpoint through the virtual IP", async () => {
  await start(serviceEntry(vip, 80, pods));
  expect(await answeringNames(vip, 80, 40)).toEqual(new Set(pods.map(({ name }) => name)));
});

test("a pod reaches the service, also when it is answered by itself", async () => {
  await start(serviceEntry(vip, 80, [pods[0]]));
  expect(greetingFrom(pods[1].name)).toMatch(/^berth-pod-a /);
  expect(greetingFrom(pods[0].name)).toMatch(/^berth-pod-a /);
});

test("a service without endpoints refuses at once, from host and pod", async () => {
  await start(serviceEntry(vip, 80, []));
  await expect(greeting(vip, 80)).rejects.toThrow(/ECONNREFUSED/);
  expect(greetingFrom(pods[0].name)).toBe("ECONNREFUSED");
});

test("a change of endpoints disturbs no established connection", async () => {
  await start(serviceEntry(vip, 80, [pods[0]]));
  const socket = connect({ host: vip, port: 80 });
  await new Promise((resolve) => socket.once("data", resolve));
  await services.set(serviceEntry(vip, 80, [pods[1]]));
  expect(await answeringNames(vip, 80, 10)).toEqual(new Set([pods[1].name]));
  const echoed = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
  socket.write("still here");
  expect(await echoed).toBe("still here");
  socket.destroy();
});

test("session affinity keeps a client at its endpoint while others come and go", async () => {
  await start(serviceEntry(vip, 80, pods, { affinitySeconds: 60 }));
  const [name] = await answeringNames(vip, 80, 20);
  expect((await answeringNames(vip, 80, 20)).size).toBe(1);
  const own = pods.filter((pod) => pod.name === name);
  await services.set(serviceEntry(vip, 80, own, { affinitySeconds: 60 }));
  await services.set(serviceEntry(vip, 80, pods, { affinitySeconds: 60 }));
  expect(await answeringNames(vip, 80, 10)).toEqual(new Set([name]));
});

test("removing a service and closing leave nothing behind", async () => {
  const second = serviceEntry("10.96.0.78", 80, pods, { name: "other" });
  await start(serviceEntry(vip, 80, pods), second);
  await services.remove("default", "web");
  expect(await answeringNames("10.96.0.78", 80, 10)).not.toEqual(new Set());
  expect(tables()).toMatch(/berth_/);
  await services.close({ cleanUp: true });
  expect(tables()).not.toMatch(/berth_/);
});
