import { expect, test } from "vitest";

import { createMemoryHub } from "./memory/hub.ts";
import { createVirtualWorld } from "./memory/virtual-world.ts";
import { exposeActor, remoteRef } from "./remote-ref.ts";
import { createActorSystem } from "./system/actor-system.ts";
import { createProbe } from "./testkit/probe.ts";

test("an actor across the bus is sent to as a local one", async () => {
  const world = createVirtualWorld({ seed: 1 });
  const hub = createMemoryHub(world);
  const [near, far] = [hub.connect("near"), hub.connect("far")];
  const probe = createProbe<number>(createActorSystem("far", world));
  const exposed = exposeActor(far, "berth.numbers", probe.ref, ({ data }) =>
    data[0] === 0 ? undefined : data[0],
  );
  const ref = remoteRef<number>(near, "berth.numbers", (number) => Uint8Array.of(number));
  await world.settle();
  expect([ref.send(0), ref.send(7)]).toEqual([true, true]);
  await world.settle();
  expect(probe.waiting).toEqual([7]);
  near.drop();
  expect(ref.send(8)).toBe(false);
  near.restore();
  exposed.unsubscribe();
  ref.send(9);
  await world.settle();
  expect(probe.waiting).toEqual([7]);
});

test("a probe takes what matches, and says what came instead", async () => {
  const world = createVirtualWorld({ seed: 1 });
  const probe = createProbe<string>(createActorSystem("test", world));
  const taken = probe.expect((message) => message === "b");
  for (const message of ["a", "b", "c"]) probe.ref.send(message);
  await world.settle();
  expect(await taken).toBe("b");
  expect(await probe.expect()).toBe("a");
  const missing = probe.expect((message) => message === "d").catch((error: Error) => error.message);
  await world.advance(3_000);
  expect(await missing).toMatch(/nothing that matches came within 3000 ms; these did: \["c"\]/);
});
