// NATS in a container, as many run it: a master and a client work against it, and go on when it is restarted.

import Dockerode from "dockerode";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connectNats, createSystemWorld, silentLogger } from "../../actors/mod.ts";
import { type BerthClient, connect } from "../../client/mod.ts";
import type { Master } from "../../master/mod.ts";
import { startTestMaster } from "../../master/testkit/test-master.ts";
import { eventually } from "../support/eventually.ts";
import { importNatsServer } from "../support/images.ts";
import { freePort } from "../../cli/daemons/dev/free-port.ts";

const natsPort = 4222;
const docker = new Dockerode();
let container: StartedTestContainer;
let connection: Connection;
let master: Master;
let client: BerthClient;

beforeAll(async () => {
  // Its helper comes from a registry; what it would clean up is removed below.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  const image = await importNatsServer(docker);
  container = await new GenericContainer(image)
    .withExposedPorts({ container: natsPort, host: await freePort(natsPort + 1) })
    .withCommand(["nats-server", "--config", "/etc/nats-server.conf"])
    .withWaitStrategy(Wait.forLogMessage("Server is ready"))
    .start();
  // Not by name: where no name server answers, looking up "localhost" takes half a minute.
  const servers = `nats://127.0.0.1:${container.getMappedPort(natsPort)}`;
  const world = createSystemWorld(silentLogger);
  connection = await connectNats({ servers, name: "master" }, world);
  master = await startTestMaster({
    world,
    connection,
    prefix: "berth",
    id: "m1",
    readSide: { type: "inline" },
  });
  client = await connect({ servers, timeoutMs: 60_000 });
});
afterAll(async () => {
  await client?.close();
  await master?.stop();
  await connection?.close();
  await container?.stop();
});

const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }) as const;
/** Of those that this test makes. */
const names = async (): Promise<string[]> =>
  (await client.list("Namespace"))
    .map(({ metadata }) => metadata.name ?? "")
    .filter((name) => name === "before" || name === "after")
    .sort();

test("commands and reads work", async () => {
  await client.apply(namespace("before"));
  expect(await names()).toEqual(["before"]);
});

test("master and client go on across its restart, and nothing is lost", async () => {
  const seen: string[] = [];
  const watching = new AbortController();
  const watched = (async () => {
    for await (const event of client.watch("Namespace", { signal: watching.signal })) {
      if (event.type === "ADDED") seen.push(event.object.metadata.name ?? "");
    }
  })();
  await eventually("the watch shows what is there", () => seen.includes("before"));
  // By the engine alone: whether it is ready again is for master and client to find out.
  await docker.getContainer(container.getId()).restart();
  await client.apply(namespace("after"));
  expect(await names()).toEqual(["after", "before"]);
  await eventually("the watch goes on", () => seen.includes("after"));
  expect((await client.status()).log.skippedCommits).toBe(0);
  watching.abort();
  await watched.catch(() => undefined);
});
