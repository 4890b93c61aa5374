// The user-space service proxy on loopback addresses, with real servers behind it.

import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLogger, createSystemWorld } from "../../../actors/mod.ts";
import { createServiceProxy, type ServiceProxy } from "../../../node-agent/network/mod.ts";
import { answeringNames, type EchoServer, greeting, startEcho } from "../../support/echo-server.ts";
import { serviceEntry } from "../../support/services.ts";

const world = createSystemWorld(createLogger({ level: "silent" }));
const vip = "127.97.3.1";
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function echo(name: string, address: string): Promise<EchoServer & { ip: string; port: number }> {
  const server = await startEcho({ name, address, port: 9000 });
  cleanups.push(server.stop);
  return { ...server, ip: address, port: 9000 };
}

function proxy(cluster: string): ServiceProxy {
  const made = createServiceProxy("userspace", { cluster, world });
  cleanups.push(() => made.close({ cleanUp: true }));
  return made;
}

test("connections are balanced over the endpoints, and follow their changes", async () => {
  const [a, b] = [await echo("a", "127.97.1.1"), await echo("b", "127.97.1.2")];
  const services = proxy("balance");
  await services.replace([serviceEntry(vip, 80, [a, b])]);
  await expect.poll(() => greeting(vip, 80).catch(() => "")).not.toBe("");
  expect(await answeringNames(vip, 80, 40)).toEqual(new Set(["a", "b"]));
  await services.set(serviceEntry(vip, 80, [b]));
  expect(await answeringNames(vip, 80, 10)).toEqual(new Set(["b"]));
});

test("an established connection outlives the removal of its endpoint from the service", async () => {
  const a = await echo("a", "127.97.1.1");
  const services = proxy("established");
  await services.replace([serviceEntry(vip, 80, [a])]);
  await expect.poll(() => greeting(vip, 80).catch(() => "")).not.toBe("");
  const socket = connect({ host: vip, port: 80 });
  await new Promise((resolve) => socket.once("data", resolve));
  await services.set(serviceEntry(vip, 80, []));
  await expect(greeting(vip, 80)).rejects.toThrow();
  const echoed = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
  socket.write("still here");
  expect(await echoed).toBe("still here");
  socket.destroy();
});

test("an endpoint that refuses is passed over", async () => {
  const a = await echo("a", "127.97.1.1");
  const services = proxy("passed-over");
  await services.replace([serviceEntry(vip, 80, [{ ip: "127.97.1.9", port: 9000 }, a])]);
  await expect.poll(() => greeting(vip, 80).catch(() => "")).not.toBe("");
  expect(await answeringNames(vip, 80, 20)).toEqual(new Set(["a"]));
});

test("session affinity keeps a client at its endpoint", async () => {
  const endpoints = [
    await echo("a", "127.97.1.1"),
    await echo("b", "127.97.1.2"),
    await echo("c", "127.97.1.3"),
  ];
  const services = proxy("affinity");
  await services.replace([serviceEntry(vip, 80, endpoints, { affinitySeconds: 60 })]);
  await expect.poll(() => greeting(vip, 80).catch(() => "")).not.toBe("");
  expect((await answeringNames(vip, 80, 20)).size).toBe(1);
});

test("when the agent that owns the host's services goes, another one takes over its whole table", async () => {
  const a = await echo("a", "127.97.1.1");
  const first = proxy("takeover");
  await first.replace([serviceEntry(vip, 80, [a])]);
  await expect.poll(() => greeting(vip, 80).catch(() => "")).not.toBe("");
  const second = proxy("takeover");
  await second.replace([serviceEntry(vip, 80, [a])]);
  expect(second.describe()).toContain("another agent");
  await first.close({ cleanUp: false });
  await expect.poll(() => greeting(vip, 80).catch(() => "")).toMatch(/^a /);
});
