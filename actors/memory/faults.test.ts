import { expect, test } from "vitest";

import type { AppendOutcome } from "../log.ts";
import { type AppendFault, createMemoryHub } from "./hub.ts";
import { createVirtualWorld } from "./virtual-world.ts";

const timeoutMs = 100;

async function setUp() {
  const world = createVirtualWorld({ seed: 1 });
  const hub = createMemoryHub(world);
  const client = hub.connect("writer");
  const log = client.eventLog({ stream: "LOG", subject: "log" });
  void log.ensure({ replicas: 1 });
  await world.settle();
  const append = async (messageId: string, expectedSequence: number): Promise<AppendOutcome> => {
    const data = new TextEncoder().encode(messageId);
    const outcomes: AppendOutcome[] = [];
    void log.append({ data, expectedSequence, messageId, timeoutMs }).then((one) => outcomes.push(one));
    await world.runUntil(() => outcomes.length > 0);
    const [outcome] = outcomes;
    if (!outcome) throw new Error("no outcome");
    return outcome;
  };
  const inject = (fault: AppendFault): void => {
    hub.faults.append = () => {
      hub.faults.append = () => ({ type: "none" });
      return fault;
    };
  };
  const stored = (): (string | undefined)[] => {
    const stream = hub.stream("LOG");
    return Array.from({ length: stream?.lastSequence ?? 0 }, (_, index) =>
      new TextDecoder().decode(stream?.get(index + 1)?.data),
    );
  };
  return { world, hub, client, log, append, inject, stored };
}

test("a lost acknowledgement is unknown, and the resend is refused because it was stored", async () => {
  const { append, inject, stored } = await setUp();
  inject({ type: "lose-acknowledgement" });
  expect(await append("a", 0)).toMatchObject({ type: "unknown" });
  expect(await append("a", 0)).toMatchObject({ type: "refused" });
  expect(stored()).toEqual(["a"]);
});

test("a lost request is unknown, and the resend is stored", async () => {
  const { append, inject, stored } = await setUp();
  inject({ type: "lose-request" });
  expect(await append("a", 0)).toMatchObject({ type: "unknown" });
  expect(await append("a", 0)).toEqual({ type: "stored", sequence: 1, duplicate: false });
  expect(stored()).toEqual(["a"]);
});

test("a delayed append is stored after the writer gave up, unless something took its place", async () => {
  const { world, append, inject, stored } = await setUp();
  inject({ type: "delay", delayMs: 500 });
  expect(await append("a", 0)).toMatchObject({ type: "unknown" });
  expect(stored()).toEqual([]);
  await world.advance(500);
  expect(stored()).toEqual(["a"]);
  inject({ type: "delay", delayMs: 500 });
  expect(await append("b", 1)).toMatchObject({ type: "unknown" });
  expect(await append("rival", 1)).toMatchObject({ type: "stored" });
  await world.advance(500);
  expect(stored()).toEqual(["a", "rival"]);
});

test("a reader is told of a trimmed stream and of a lost tail", async () => {
  const { world, hub, client, log, append } = await setUp();
  for (const [sequence, id] of ["a", "b", "c"].entries()) await append(id, sequence);
  const errors: string[] = [];
  const read = (fromSequence: number) =>
    log.read({
      fromSequence,
      onEntry: () => undefined,
      onError: (error) => errors.push("code" in error ? String(error.code) : error.message),
    });
  read(1);
  await world.settle();
  client.drop();
  hub.stream("LOG")?.loseAfter(2);
  client.restore();
  await world.settle();
  expect(errors).toEqual(["LostTail"]);
  hub.stream("LOG")?.trimBelow(2);
  read(1);
  await world.settle();
  expect(errors).toEqual(["LostTail", "Trimmed"]);
});

test("latency keeps the order of each link, and what is on the wire is lost with the connection", async () => {
  const { world, hub, client } = await setUp();
  const other = hub.connect("other");
  const got: number[] = [];
  other.subscribe("x", ({ data }) => got.push(data[0] ?? -1));
  await world.settle();
  hub.faults.latencyMs = () => world.random.below(20);
  for (let number = 0; number < 50; number++) client.publish("x", Uint8Array.of(number));
  await world.advance(40);
  expect(got).toEqual(Array.from({ length: 50 }, (_, number) => number));
  client.publish("x", Uint8Array.of(99));
  other.drop();
  await world.advance(40);
  other.restore();
  await world.advance(40);
  expect(got).toHaveLength(50);
  hub.faults.losesMessage = (name) => name === "other";
  client.publish("x", Uint8Array.of(100));
  await world.advance(40);
  expect(got).toHaveLength(50);
});
