// Three masters under random faults: whatever was answered has happened once, and all agree in the end.

import { expect, test } from "vitest";
import { type AppendFault, createMemoryHub, createVirtualWorld, type MemoryClient } from "../actors/mod.ts";
import {
  type CommandId,
  decode,
  encode,
  apiSubject,
  logStreamName,
  logSubject,
  parseMessage,
  type Position,
  type Sequence,
  unwrap,
} from "../protocol/mod.ts";
import { createClusterState, evolve } from "./cluster/mod.ts";
import { decodeCommit, emptyChain, link } from "./journal/mod.ts";
import type { Master } from "./start-master.ts";
import { startTestAgent } from "./testkit/test-agent.ts";
import { replicationController } from "./testkit/test-client.ts";
import { startTestMaster } from "./testkit/test-master.ts";
import { place } from "./turn.ts";

const prefix = "berth";
const stream = { stream: logStreamName(prefix), subject: logSubject(prefix) };
const faultsForMs = 90_000;

// Seeds in which stored commits of a deposed leader had to be skipped.
test.each([2, 7])("random faults, seed %i", { timeout: 60_000 }, async (seed) => {
  const world = createVirtualWorld({ seed });
  const { clock, random } = world;
  const hub = createMemoryHub(world);
  const masters: Master[] = [];
  const connections: MemoryClient[] = [];
  for (const id of ["m1", "m2", "m3"]) {
    const connection = hub.connect(id);
    connections.push(connection);
    void startTestMaster({ world, connection, prefix, id }).then((master) => masters.push(master));
  }
  await world.runUntil(() => masters.some(({ standing }) => standing === "leading"), 20_000);
  for (const name of ["n1", "n2"])
    startTestAgent({ world, bus: hub.connect(name), prefix, name, cpuMilli: 1e6 });

  const faultsEnd = clock.monotonic() + faultsForMs;
  const faulty = (): boolean => clock.monotonic() < faultsEnd;
  /** Its messages to the server take seconds: its appends arrive behind those of whoever took over. */
  let slow = "";
  hub.faults.latencyMs = (name, direction) => {
    if (!faulty()) return 0;
    return name === slow && direction === "to-server" ? 5_000 : random.below(20);
  };
  hub.faults.losesMessage = () => faulty() && random.next() < 0.02;
  hub.faults.append = (): AppendFault => {
    if (!faulty() || random.next() < 0.9) return { type: "none" };
    const kinds: AppendFault[] = [
      { type: "lose-request" },
      { type: "lose-acknowledgement" },
      { type: "delay", delayMs: random.below(6_000) },
    ];
    return kinds[random.below(kinds.length)] ?? { type: "none" };
  };
  const disturb = (): void => {
    if (!faulty()) return;
    const connection = connections[random.below(connections.length)];
    if (random.next() < 0.5) slow = connection?.name ?? "";
    else connection?.drop();
    clock.after(random.below(8_000), () => {
      slow = "";
      connection?.restore();
    });
    clock.after(3_000 + random.below(10_000), disturb);
  };
  clock.after(5_000, disturb);

  // Clients that retry each command under its id until it is answered.
  const client = hub.connect("client");
  const acknowledged = new Set<string>();
  let commands = 0;
  const work = async (worker: number): Promise<void> => {
    while (faulty()) {
      const name = `rc-${worker}-${commands++}`;
      const object = replicationController(name, random.below(3), "1m");
      const body = encode({ object, commandId: name as CommandId, sentAt: clock.now() });
      const target = {
        user: "t",
        verb: "create",
        group: "core",
        resource: "replicationcontrollers",
      } as const;
      const subject = apiSubject(prefix, { ...target, namespace: "default", name });
      for (let done = false; !done; ) {
        const bytes = await client.request(subject, body, { timeoutMs: 1_000 }).catch(() => undefined);
        const reply = bytes && unwrap(parseMessage("api-reply", unwrap(decode(bytes.data))));
        done = reply?.ok ?? false;
        if (!done) await clock.sleep(200);
      }
      acknowledged.add(name);
    }
  };
  let working = 4;
  for (let worker = 0; worker < 4; worker++) void work(worker).finally(() => working--);
  await world.runUntil(() => working === 0, faultsForMs + 60_000);
  const settled = (): boolean => new Set(masters.map(({ position }) => position)).size === 1;
  await world.advance(30_000);
  await world.runUntil(settled, 60_000);

  const standings = masters.map(({ standing }) => standing).sort();
  expect(standings).toEqual(["following", "following", "leading"]);
  const state = createClusterState();
  let chain = emptyChain;
  const created = new Map<string, number>();
  const entries = hub.connect("reader").eventLog(stream);
  let entry: Awaited<ReturnType<typeof entries.get>>;
  for (let sequence = 1, more = true; more; sequence++) {
    void entries.get(sequence).then((found) => {
      entry = found;
      more = found !== undefined;
    });
    await world.settle();
    await world.advance(1);
    if (!entry || !more) break;
    const commit = unwrap(decodeCommit(entry.data));
    const verdict = link(chain, sequence as Sequence, commit);
    chain = verdict.chain;
    if (!verdict.accepted) continue;
    for (const [index, event] of commit.events.entries()) {
      evolve(state, place(event, (commit.firstPosition + index) as Position));
      if (event.type !== "ObjectCreated" || event.object.kind !== "ReplicationController") continue;
      created.set(event.object.name, (created.get(event.object.name) ?? 0) + 1);
    }
  }
  expect(acknowledged.size).toBeGreaterThan(20);
  for (const name of acknowledged) expect([name, created.get(name)]).toEqual([name, 1]);
  const digest = state.digest();
  expect(masters.map((master) => master.stateDigest())).toEqual([digest, digest, digest]);
});
