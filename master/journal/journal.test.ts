import { describe, expect, test } from "vitest";
import {
  type AppendFault,
  createMemoryHub,
  createVirtualWorld,
  type VirtualWorld,
} from "../../actors/mod.ts";
import {
  type BerthEvent,
  type Epoch,
  type LogId,
  type MasterId,
  type Position,
  unwrap,
} from "../../protocol/mod.ts";
import { windowCommits } from "./append-window.ts";
import { encodeBlock } from "./commit-codec.ts";
import { createDraft, type Draft } from "./draft.ts";
import { createJournal, type Journal, type News } from "./journal.ts";

const header = { version: 1, at: 0, by: "test" } as const;

interface Writer {
  readonly name: string;
  readonly journal: Journal;
  readonly news: News[];
  /** Appends a commit of one event in this epoch, behind all that this writer knows or has under way. */
  write(epoch: number): Draft;
  claim(epoch: number): Draft;
  readonly accepted: () => string[];
}

async function setup(names: readonly string[]) {
  const world = createVirtualWorld({ seed: 7 });
  const hub = createMemoryHub(world);
  const fault = new Map<string, AppendFault[]>();
  hub.faults.append = (client) => fault.get(client)?.shift() ?? { type: "none" };
  const writers: Writer[] = [];
  for (const name of names) {
    const client = hub.connect(name);
    const log = client.eventLog({ stream: "LOG", subject: "log" });
    await within(world, log.ensure({ replicas: 1 }));
    writers.push(
      createWriter(name, world, (wake) => {
        const { clock, logger } = world;
        return createJournal({ log, clock, logger, writer: name, wake });
      }),
    );
  }
  return { world, hub, fault, writers };
}

async function within<T>(world: VirtualWorld, promise: Promise<T>): Promise<T> {
  let done = false;
  void promise.finally(() => {
    done = true;
  });
  await world.runUntil(() => done);
  return await promise;
}

function createWriter(name: string, world: VirtualWorld, create: (wake: () => void) => Journal): Writer {
  const news: News[] = [];
  let position = 0;
  const drain = (): void => {
    for (let item = journal.next(); item; item = journal.next()) {
      news.push(item);
      if (item.type !== "accepted") continue;
      // What a master does: a foreign commit while own ones are under way means that they are lost.
      if (!item.own && journal.underWay > 0 && item.claim) journal.abandon();
      position = Math.max(position, journal.chain.position);
    }
  };
  const journal = create(() => world.clock.after(0, drain));
  journal.start();
  const append = (epoch: number, events: readonly BerthEvent[], claim: boolean): Draft => {
    const first = (Math.max(position, journal.chain.position) + 1) as Position;
    const draft = createDraft(epoch as Epoch, first, [unwrap(encodeBlock(events))], claim);
    if (!claim) position = draft.lastPosition;
    journal.append(draft);
    return draft;
  };
  return {
    name,
    journal,
    news,
    write: (epoch) => append(epoch, [{ ...header, type: "LevelRaised", level: 1 }], false),
    claim(epoch) {
      const created: BerthEvent = { ...header, type: "LogCreated", logId: "log" as LogId };
      const elected: BerthEvent = {
        ...header,
        type: "LeaderElected",
        epoch: epoch as Epoch,
        master: name as MasterId,
      };
      return append(epoch, epoch === 1 ? [created, elected] : [elected], true);
    },
    accepted: () => news.flatMap((item) => (item.type === "accepted" ? [item.own ? "own" : "foreign"] : [])),
  };
}

describe("the journal", () => {
  test("a window of appends is accepted in order, and a follower reads the same", async () => {
    const { world, writers } = await setup(["a", "b"]);
    const [a, b] = writers as [Writer, Writer];
    a.claim(1);
    await world.runUntil(() => a.accepted().length === 1);
    const drafts = Array.from({ length: windowCommits }, () => a.write(1));
    expect(a.journal.hasRoom).toBe(false);
    await world.runUntil(() => b.accepted().length === 1 + windowCommits);
    expect(a.news.slice(1).map((item) => item.type === "accepted" && item.own)).toEqual(drafts);
    expect(a.journal.hasRoom).toBe(true);
    expect(b.accepted()).toEqual(Array.from({ length: 17 }, () => "foreign"));
    expect(b.journal.chain).toEqual(a.journal.chain);
  });

  test("the trap: a rival in the place of B; C and D are stored, not folded and not acknowledged", async () => {
    const { world, hub, writers } = await setup(["a", "b"]);
    const [a, b] = writers as [Writer, Writer];
    a.claim(1);
    await world.runUntil(() => a.accepted().length + b.accepted().length === 2);
    a.write(1); // A
    await world.runUntil(() => a.accepted().length + b.accepted().length === 4);
    // B, C and D are on their way when the rival's claim takes B's place.
    hub.faults.latencyMs = (client, direction) => (client === "a" && direction === "to-server" ? 50 : 0);
    a.write(1);
    a.write(1);
    a.write(1);
    b.claim(2);
    await world.runUntil(() => a.journal.underWay === 0);
    await world.advance(5_000);
    expect(a.accepted()).toEqual(["own", "own", "foreign"]);
    expect(b.accepted()).toEqual(["foreign", "foreign", "own"]);
    const skipped = b.news.filter(({ type }) => type === "skipped");
    expect(skipped).toHaveLength(2);
    expect(a.journal.chain).toEqual(b.journal.chain);
    expect(a.journal.chain).toMatchObject({ epoch: 2, skipped: 2 });
  });

  test("a stray message in the place of B deposes nobody: B, C and D are appended again", async () => {
    const { world, hub, writers } = await setup(["a", "b", "stray"]);
    const [a, b] = writers as [Writer, Writer];
    a.claim(1);
    await world.runUntil(() => a.accepted().length + b.accepted().length === 2);
    hub.faults.latencyMs = (client, direction) => (client === "a" && direction === "to-server" ? 50 : 0);
    const drafts = [a.write(1), a.write(1), a.write(1)];
    const stray = hub.connect("other").eventLog({ stream: "LOG", subject: "log" });
    const data = new TextEncoder().encode("not a commit");
    await within(world, stray.append({ data, expectedSequence: 1, messageId: "x", timeoutMs: 1_000 }));
    await world.runUntil(() => b.accepted().length === 4);
    expect(a.news.flatMap((item) => (item.type === "accepted" ? [item.own] : [])).slice(1)).toEqual(drafts);
    expect(a.journal.chain).toEqual(b.journal.chain);
    expect(a.journal.chain.position).toBe(drafts[2]?.lastPosition);
  });

  test.each<AppendFault>([
    { type: "lose-request" },
    { type: "lose-acknowledgement" },
    { type: "delay", delayMs: 4_000 },
    { type: "delay", delayMs: 20_000 },
  ])("an unknown outcome is settled by sending the same again: $type $delayMs", async (lost) => {
    const { world, fault, writers } = await setup(["a", "b"]);
    const [a, b] = writers as [Writer, Writer];
    a.claim(1);
    await world.runUntil(() => a.accepted().length + b.accepted().length === 2);
    fault.set("a", [{ type: "none" }, lost, { type: "none" }, lost, lost]);
    const drafts = Array.from({ length: 4 }, () => a.write(1));
    await world.runUntil(() => a.journal.underWay === 0);
    await world.advance(60_000);
    expect(a.news.flatMap((item) => (item.type === "accepted" ? [item.own] : [])).slice(1)).toEqual(drafts);
    expect(b.accepted()).toHaveLength(5);
    expect(a.journal.chain).toMatchObject({ position: drafts[3]?.lastPosition, last: b.journal.chain.last });
  });

  test("of two claims of one epoch one counts, and the other says that it failed", async () => {
    const { world, writers } = await setup(["a", "b"]);
    const [a, b] = writers as [Writer, Writer];
    a.claim(1);
    b.claim(1);
    await world.runUntil(() => b.news.some(({ type }) => type === "claim-failed"));
    await world.runUntil(() => a.accepted().length + b.accepted().length === 2);
    expect([a.accepted(), b.accepted()]).toEqual([["own"], ["foreign"]]);
    expect(b.journal.underWay).toBe(0);
  });

  test("random faults on every append: each commit counts once, in order, for every reader", async () => {
    const { world, hub, writers } = await setup(["a", "b"]);
    const [a, b] = writers as [Writer, Writer];
    a.claim(1);
    await world.runUntil(() => a.accepted().length + b.accepted().length === 2);
    let faults = 60;
    hub.faults.append = () => {
      if (--faults < 0 || world.random.next() < 0.5) return { type: "none" };
      const delayMs = world.random.below(10_000);
      return world.random.next() < 0.3
        ? { type: "delay", delayMs }
        : { type: world.random.next() < 0.5 ? "lose-request" : "lose-acknowledgement" };
    };
    const drafts: Draft[] = [];
    while (drafts.length < 40) {
      await world.runUntil(() => a.journal.hasRoom);
      drafts.push(a.write(1));
    }
    await world.runUntil(() => a.journal.underWay === 0 && b.accepted().length === 41);
    expect(a.news.flatMap((item) => (item.type === "accepted" ? [item.own] : [])).slice(1)).toEqual(drafts);
    expect(b.journal.chain.position).toBe(drafts.at(-1)?.lastPosition);
  });
});
