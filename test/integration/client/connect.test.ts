// The client on a real NATS server, against a master by script: connecting, reconnecting, watching, the examples.

import { afterAll, beforeAll, expect, test } from "vitest";
import { connectNats, createLogger, createSystemWorld, type Connection } from "../../../actors/mod.ts";
import { BerthError, connect } from "../../../client/mod.ts";
import { answer, ScriptedApi, type Script, storedPod } from "../../../client/testkit/scripted-api.ts";
import type { Position } from "../../../protocol/mod.ts";
import { type NatsServerHandle, startNatsServer } from "../../support/nats-server.ts";
import { runProgram } from "../../support/run-program.ts";

const at = (position: number): Position => position as Position;
let server: NatsServerHandle;
let connection: Connection;
let api: ScriptedApi;
const pods = [storedPod("web-1"), storedPod("web-2")];
const script: Script = (asked) => {
  const { target } = asked;
  if (target.subresource === "why")
    return answer(3, { type: "why", story: { text: `pod ${target.name} runs`, children: [] } });
  if (target.subresource === "exec") return api.stream(asked);
  if (target.verb === "list") return answer(3, { type: "list", kind: "Pod", items: pods });
  if (target.verb === "watch") return api.watch(asked);
  return answer(4, { type: "object", object: pods[0] ?? storedPod("web-1"), outcome: "configured" });
};

beforeAll(async () => {
  server = await startNatsServer();
  const world = createSystemWorld(createLogger({ level: "silent", pretty: false }));
  connection = await connectNats(
    { servers: [server.url], name: "scripted", inboxPrefix: "_INBOX.scripted" },
    world,
  );
  api = new ScriptedApi(connection.bus, script);
  await connection.bus.flush();
});
afterAll(async () => {
  api?.stop();
  await connection?.close();
  await server?.stop();
});

test("reads, changes and watches over the wire", async () => {
  await using client = await connect({ servers: server.url });
  expect((await client.list("Pod")).map(({ metadata }) => metadata.name)).toEqual(["web-1", "web-2"]);
  await expect(client.patch("Pod", "web-1", { metadata: { labels: { a: "b" } } })).resolves.toMatchObject({
    position: 4,
  });
  const seen: string[] = [];
  for await (const event of client.watch("Pod")) {
    if (event.type === "BOOKMARK") continue;
    seen.push(`${event.type} ${event.object.metadata.name}`);
    if (seen.length === 2) queueMicrotask(() => void feed());
    if (event.type === "DELETED") break;
  }
  expect(seen).toEqual(["ADDED web-1", "ADDED web-2", "DELETED web-2"]);
});

/** Sends the deletion once the watch is open; the client asks for it after the list. */
async function feed(): Promise<void> {
  const before = api.watches.length;
  while (api.watches.length === before) await connection.bus.flush();
  api.watches.at(-1)?.send({ type: "DELETED", object: storedPod("web-2"), position: at(5) });
}

test("a server that is not there is said at once, and so is one without masters", async () => {
  await expect(connect({ servers: "nats://127.0.0.1:1" })).rejects.toMatchObject({ code: "Disconnected" });
  await using client = await connect({ servers: server.url, prefix: "nobody", timeoutMs: 2_000 });
  const error: unknown = await client.status().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(BerthError);
  expect(error).toMatchObject({
    code: "Unavailable",
    message: expect.stringContaining('no master of cluster "nobody"'),
  });
});

test("a call outlives a restart of the server", async () => {
  await using client = await connect({ servers: server.url });
  await client.get("Pod", "web-1");
  await server.kill();
  const asked = client.get("Pod", "web-1");
  server = await server.restart();
  await expect(asked).resolves.toMatchObject({ kind: "Pod" });
});

test("the examples run", async () => {
  const run = async (name: string, ...args: string[]) => {
    const { code, out } = await runProgram(`client/examples/${name}`, [server.url, ...args]);
    return { code, out };
  };
  await expect(run("why.ts")).resolves.toEqual({ code: 0, out: "pod web-1 runs\npod web-2 runs\n" });
  const before = api.streams.length;
  const running = run("run-command.ts", "web-1", "cat");
  while (api.streams.length === before) await connection.bus.flush();
  const stream = api.streams.at(-1);
  while (!stream?.received.some(({ type }) => type === "end-of-input")) await connection.bus.flush();
  stream.send({ type: "data", channel: "stdout", data: new TextEncoder().encode("done\n") });
  stream.send({ type: "end", exitCode: 4 });
  await expect(running).resolves.toEqual({ code: 4, out: "done\n" });
});
