// gRPC health checks against a server that speaks as much of HTTP/2 and gRPC as one needs.

import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { askGrpcHealth } from "./grpc-probe.ts";

let server: Http2Server | undefined;
afterEach(() => server?.close());

interface Said {
  readonly service: string;
  readonly path: string;
}

/** Answers with this status of the service, or of gRPC itself. */
async function health(answer: { readonly serving?: number; readonly status?: number }): Promise<{
  readonly port: number;
  readonly said: Said[];
}> {
  const said: Said[] = [];
  server = createServer();
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => parts.push(chunk));
    stream.on("end", () => {
      const body = Buffer.concat(parts);
      said.push({ path: String(headers[":path"]), service: body.subarray(7).toString() });
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(answer.status ?? 0) }));
      const { serving } = answer;
      const message =
        serving === undefined ? [] : serving === 0 ? [0, 0, 0, 0, 0] : [0, 0, 0, 0, 2, 8, serving];
      stream.end(Buffer.from(message));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", () => resolve()));
  return { port: (server.address() as AddressInfo).port, said };
}
const ask = (port: number, service = ""): Promise<string | undefined> =>
  new Promise((resolve) => {
    const end = askGrpcHealth({ host: "127.0.0.1", port, service }, (problem) => {
      resolve(problem);
      queueMicrotask(() => end());
    });
  });

test("a server that serves is healthy, and is asked for the service", async () => {
  const { port, said } = await health({ serving: 1 });
  expect(await ask(port, "shop.Cart")).toBeUndefined();
  expect(said).toEqual([{ path: "/grpc.health.v1.Health/Check", service: "shop.Cart" }]);
});

test.each([
  [{ serving: 2 }, 'service unhealthy (responded with "NOT_SERVING")'],
  [{ serving: 0 }, 'service unhealthy (responded with "UNKNOWN")'],
  [{ status: 5 }, "gRPC status 5"],
  [{ status: 12 }, "gRPC status 12"],
])("%j", async (answer, problem) => {
  const { port } = await health(answer);
  expect(await ask(port)).toBe(problem);
});

test("nobody there", async () => {
  const { port } = await health({ serving: 1 });
  await new Promise<void>((resolve) => server?.close(() => resolve()));
  expect(await ask(port)).toContain("ECONNREFUSED");
});
