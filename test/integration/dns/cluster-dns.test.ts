// The cluster's DNS server on real sockets, asked by a resolver that knows nothing of it, with a server of the host
// behind it that is made here.

import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import { type ClusterDns, createClusterDns } from "../../../node-agent/dns/mod.ts";
import { readQuery, readResponse, writeAnswer, writeQuery } from "../../../node-agent/dns/message.ts";
import { serviceSource, services } from "../../../node-agent/dns/service-fixtures.ts";
import { frameTcp, TcpFrames } from "../../../node-agent/dns/tcp-frames.ts";
import type { NodeName, Uid } from "../../../protocol/mod.ts";

const world = createSystemWorld(silentLogger);
const many = Array.from({ length: 200 }, (_, index) => ({
  ip: `10.42.${1 + (index >> 7)}.${1 + (index & 127)}`,
  ports: [80],
  node: "n1" as NodeName,
  pod: `pod-${index}` as Uid,
}));
const [web] = services;
const table = web
  ? [...services, { ...web, name: "crowd", uid: "uid-crowd" as Uid, clusterIP: "None", endpoints: many }]
  : [];

let folder = "";
let dns: ClusterDns;
let resolver: Resolver;
let at: { readonly address: string; readonly port: number };
const upstream = createSocket("udp4");

const settings = () => ({
  world,
  cluster: "test",
  domain: "cluster.local",
  services: serviceSource(table),
  shared: false,
  hostFile: join(folder, "resolv.conf"),
  port: 0,
  upstreamPort: upstream.address().port,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-dns-"));
  await new Promise<void>((resolve) => upstream.bind(0, "127.0.0.1", () => resolve()));
  upstream.on("message", (data, client) => {
    const incoming = readQuery(data);
    if (incoming.type !== "query") return;
    const { query } = incoming;
    const { name } = query.question;
    const known = name === "docs.example.com";
    const answers = known ? ([{ name, ttl: 60, type: "A", address: "192.0.2.80" }] as const) : [];
    upstream.send(writeAnswer(query, { code: known ? 0 : 3, answers }, 512), client.port, client.address);
  });
  dns = createClusterDns(settings());
  await writeFile(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
  await dns.listen("127.93.0.1");
  const server = await dns.server();
  if (!server) throw new Error("no server");
  at = server;
  resolver = new Resolver({ timeout: 5000, tries: 1 });
  resolver.setServers([`${at.address}:${at.port}`]);
});
afterAll(async () => {
  await dns.close();
  await new Promise<void>((resolve) => upstream.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

describe("a resolver", () => {
  test("finds services, their ports, and the names of addresses", async () => {
    expect(await resolver.resolve4("web.default.svc.cluster.local", { ttl: true })).toEqual([
      { address: "10.43.0.7", ttl: 5 },
    ]);
    expect((await resolver.resolve4("db.default.svc.cluster.local")).toSorted()).toEqual([
      "10.42.0.2",
      "10.42.0.3",
      "10.42.0.4",
    ]);
    expect(await resolver.resolveSrv("_http._tcp.web.default.svc.cluster.local")).toEqual([
      { name: "web.default.svc.cluster.local", port: 80, priority: 0, weight: 100 },
    ]);
    expect(await resolver.reverse("10.42.0.3")).toEqual(["db-1.db.default.svc.cluster.local"]);
  });

  test("is told what is not there", async () => {
    await expect(resolver.resolve4("nothing.default.svc.cluster.local")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
    await expect(resolver.resolve6("web.default.svc.cluster.local")).rejects.toMatchObject({
      code: "ENODATA",
    });
  });

  test("is told of other names what the host's server says", async () => {
    expect(await resolver.resolve4("docs.example.com")).toEqual(["192.0.2.80"]);
    await expect(resolver.resolve4("nothing.example.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  test("gets the address behind an external name, and behind one that leads inside again", async () => {
    expect(await resolver.resolve4("docs.default.svc.cluster.local")).toEqual(["192.0.2.80"]);
    expect(await resolver.resolve4("inner.default.svc.cluster.local")).toEqual(["10.43.0.7"]);
  });

  test("comes back over TCP for what does not fit a datagram", async () => {
    expect(await resolver.resolve4("crowd.default.svc.cluster.local")).toHaveLength(200);
  });

  test("is told that none of the host's servers answers", async () => {
    const alone = createClusterDns({ ...settings(), hostFile: "/dev/null" });
    await alone.listen("127.93.0.2");
    const server = await alone.server();
    const other = new Resolver({ tries: 1 });
    other.setServers([`${server?.address}:${server?.port}`]);
    await expect(other.resolve4("docs.example.com")).rejects.toMatchObject({ code: "ESERVFAIL" });
    expect(await other.resolve4("web.default.svc.cluster.local")).toEqual(["10.43.0.7"]);
    await alone.close();
  });
});

test("a datagram is never longer than what the client takes", async () => {
  const socket = createSocket("udp4");
  const question = { name: "crowd.default.svc.cluster.local", type: 1, class: 1 };
  const plain = writeQuery(5, question).slice(0, -11);
  plain[11] = 0;
  const answer = new Promise<Uint8Array>((resolve) => socket.once("message", (data) => resolve(data)));
  socket.send(plain, at.port, at.address);
  const bytes = await answer;
  socket.close();
  expect(bytes.length).toBeLessThanOrEqual(512);
  expect(readResponse(bytes)).toMatchObject({ id: 5, truncated: true });
});

test("several questions over one connection, in pieces", async () => {
  const socket = connect({ host: at.address, port: at.port });
  const frames = new TcpFrames();
  const ids: number[] = [];
  const done = new Promise<void>((resolve) =>
    socket.on("data", (data) => {
      for (const message of frames.take(data)) ids.push(readResponse(message)?.id ?? -1);
      if (ids.length === 3) resolve();
    }),
  );
  const questions = [1, 2, 3].map((id) =>
    frameTcp(writeQuery(id, { name: "web.default.svc.cluster.local", type: 1, class: 1 })),
  );
  const bytes = Buffer.concat(questions);
  for (let from = 0; from < bytes.length; from += 7) socket.write(bytes.subarray(from, from + 7));
  await done;
  socket.destroy();
  expect(new Set(ids)).toEqual(new Set([1, 2, 3]));
});

test("noise is ignored, and broken questions are told so", async () => {
  const socket = createSocket("udp4");
  const answer = new Promise<Uint8Array>((resolve) => socket.once("message", (data) => resolve(data)));
  socket.send(Buffer.from("hello"), at.port, at.address);
  socket.send(Uint8Array.from([0, 9, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0]), at.port, at.address);
  expect(readResponse(await answer)).toMatchObject({ id: 9, code: 1 });
  socket.close();
});
