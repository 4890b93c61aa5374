// What agents ask in words that this master does not understand is answered, so that they can say why.

import { beforeEach, expect, test } from "vitest";
import { createMemoryHub, createVirtualWorld, type MemoryClient } from "../../actors/mod.ts";
import { decode, encode, type NodeName, type Prefix, unwrap } from "../../protocol/mod.ts";
import { listenToNodes } from "./node-inbox.ts";

const prefix = "berth" as Prefix;
let agent: MemoryClient;
let taken: string[];
let leads: boolean;
const world = createVirtualWorld({ seed: 1 });

beforeEach(() => {
  const hub = createMemoryHub(world);
  agent = hub.connect("agent");
  [taken, leads] = [[], true];
  listenToNodes({
    bus: hub.connect("master"),
    clock: world.clock,
    logger: world.logger,
    prefix,
    leads: () => leads,
    take: (node: NodeName, { type }) => taken.push(`${node} ${type}`),
  });
});

async function ask(message: string, body: object): Promise<unknown> {
  const answer = agent.request(`berth.node.n1.${message}`, encode(body), { timeoutMs: 1_000 });
  const caught = answer.then(
    ({ data }) => unwrap(decode(data)),
    (error: unknown) => error,
  );
  await world.advance(2_000);
  return await caught;
}

test.each([
  ["another version", "register", { version: 2 }, "UnsupportedVersion"],
  ["fields that are wrong", "register", { version: 1, pods: "many" }, "Invalid"],
  ["what nobody knows", "magic", { version: 1 }, "BadRequest"],
])("a request in %s is refused with its reason", async (_, message, body, code) => {
  expect(await ask(message, body)).toMatchObject({ ok: false, version: 1, error: { code } });
  expect(taken).toEqual([]);
});

test("a message to which nobody waits for an answer is dropped, and a master that does not lead says nothing", async () => {
  agent.publish("berth.node.n1.status", encode({ version: 2 }));
  leads = false;
  expect(await ask("register", { version: 2 })).toMatchObject({ code: "Timeout" });
  expect(taken).toEqual([]);
});

test("a heartbeat that says the same again is taken again, and one that says something else is looked at", async () => {
  const heartbeat = {
    version: 1,
    session: 3,
    logId: "log",
    epoch: 1,
    position: 5,
    digest: 0,
    endpoints: 0,
    reported: 0,
  };
  for (const change of [{}, {}, { position: 6 }, { position: "7" }, { position: 6 }]) {
    agent.publish("berth.node.n1.heartbeat", encode({ ...heartbeat, ...change }));
  }
  await world.advance(10);
  expect(taken).toEqual(["n1 heartbeat", "n1 heartbeat", "n1 heartbeat", "n1 heartbeat"]);
});
