import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createSystemWorld, createVirtualWorld, silentLogger } from "../../actors/mod.ts";
import type { Probe } from "../../protocol/mod.ts";
import { type ContainerId, createSimulatedRuntime } from "../runtime/mod.ts";
import { networkProber, type ProbeOutcome } from "./prober.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const world = createVirtualWorld({ seed: 1 });
const runtime = createSimulatedRuntime({ cluster: "c", node: "n", world });
function probe(spec: Probe, port = 0): Promise<ProbeOutcome> {
  const prober = networkProber(runtime, createSystemWorld(silentLogger).clock);
  const container = { name: "main", ports: [{ name: "web", containerPort: port || 1 }] };
  return prober.probe(spec, { container, id: "c" as ContainerId, podIp: "127.0.0.1", timeoutMs: 300 });
}

describe("http", () => {
  test("goes to the pod's address and named port with its path, host and headers; 200 to 399 is healthy", async () => {
    const seen: string[] = [];
    const port = await listening(
      createHttpServer((request, response) => {
        seen.push(`${request.url} ${request.headers.host} ${String(request.headers["x-key"])}`);
        response.writeHead(request.url === "/bad" ? 503 : 301).end("body");
      }),
    );
    const httpHeaders = [
      { name: "X-Key", value: "v" },
      { name: "Host", value: "app.test" },
    ];
    expect(await probe({ httpGet: { port: "web", path: "ok", httpHeaders } }, port)).toEqual({
      healthy: true,
      message: "",
    });
    expect(await probe({ httpGet: { port, path: "/bad" } })).toEqual({
      healthy: false,
      message: "HTTP probe failed with statuscode: 503",
    });
    expect(seen[0]).toBe("/ok app.test v");
  });
  test("a server that never answers has failed in time", async () => {
    const port = await listening(createServer(() => {}));
    expect(await probe({ httpGet: { port } })).toMatchObject({
      healthy: false,
      message: "timed out after 0.3s",
    });
  });
  test("a header that cannot be sent, a port that is none", async () => {
    expect((await probe({ httpGet: { port: 80, httpHeaders: [{ name: "a\nb", value: "" }] } })).healthy).toBe(
      false,
    );
    expect((await probe({ httpGet: { port: "nope" } })).message).toContain("no port");
  });
});

describe("tcp", () => {
  test("a connection is healthy, a refused one is not", async () => {
    const server = createServer((socket) => socket.end());
    const port = await listening(server);
    expect((await probe({ tcpSocket: { port } })).healthy).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect((await probe({ tcpSocket: { port } })).message).toContain("ECONNREFUSED");
  });
});

test("a gRPC server that is not there is unhealthy", async () => {
  const server = createServer();
  const port = await listening(server);
  server.close();
  const outcome = await probe({ grpc: { port } });
  expect(outcome.healthy).toBe(false);
  expect(outcome.message).toContain("ECONNREFUSED");
});
