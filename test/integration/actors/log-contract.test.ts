// What every log must do, against both adapters; the refusals and the trap are what the journal is built around.

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { AppendOutcome, Connection, EventLog, LogEntry } from "../../../actors/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { adapters, type Adapter } from "./adapters.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const names = { stream: "TEST_LOG", subject: "test.log" };

describe.each(adapters)("a log on $name", ({ start }) => {
  let adapter: Adapter;
  let connection: Connection;
  let log: EventLog;
  beforeEach(async () => {
    adapter = await start();
    connection = await adapter.connect("writer");
    log = connection.eventLog(names);
    await log.ensure({ replicas: 1 });
  });
  afterEach(() => adapter.dispose());

  const append = (content: string, expectedSequence: number, to = log): Promise<AppendOutcome> =>
    to.append({ data: bytes(content), expectedSequence, messageId: content, timeoutMs: 5_000 });

  async function fill(count: number, from = 0): Promise<void> {
    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, index) => append(`entry-${from + index + 1}`, from + index)),
    );
    expect(outcomes.every(({ type }) => type === "stored")).toBe(true);
  }

  async function everything(): Promise<string[]> {
    const { lastSequence } = await log.info();
    const got: string[] = [];
    const reader = log.read({
      fromSequence: 1,
      onEntry: ({ data }) => void got.push(Buffer.from(data).toString()),
      onError: (error) => got.push(String(error)),
    });
    await reader.caughtUp(lastSequence);
    await reader.stop();
    return got;
  }

  test("is ensured twice with the same result", async () => {
    await fill(3);
    expect(await log.ensure({ replicas: 1 })).toMatchObject({
      stream: "TEST_LOG",
      firstSequence: 1,
      lastSequence: 3,
      messages: 3,
    });
  });

  test("tells the server's clock", async () => {
    const { serverTime = 0 } = await log.info();
    expect(Math.abs(serverTime - Date.now())).toBeLessThan(60_000);
  });

  test("refuses an append that expects another sequence", async () => {
    await fill(2);
    expect(await append("stale", 1)).toMatchObject({ type: "refused" });
    expect(await append("early", 3)).toMatchObject({ type: "refused" });
    expect(await append("right", 2)).toEqual({ type: "stored", sequence: 3, duplicate: false });
  });

  test("takes a pipelined chain in the order of the calls", async () => {
    await fill(200);
    expect(await everything()).toEqual(Array.from({ length: 200 }, (_, index) => `entry-${index + 1}`));
  });

  test("stores C and D behind a rival's message in the place of B: hence the chain inside commits", async () => {
    const rival = (await adapter.connect("rival")).eventLog(names);
    expect(await append("A", 0)).toMatchObject({ type: "stored" });
    expect(await append("rival", 1, rival)).toMatchObject({ type: "stored" });
    const outcomes = await Promise.all([append("B", 1), append("C", 2), append("D", 3)]);
    expect(outcomes.map(({ type }) => type)).toEqual(["refused", "stored", "stored"]);
    expect(await everything()).toEqual(["A", "rival", "C", "D"]);
  });

  test("never stores the same append twice: a resend is refused by its sequence, or known by its id", async () => {
    await fill(3);
    expect(await append("entry-2", 1)).toMatchObject({ type: "refused" });
    expect(await append("entry-3", 2)).toMatchObject({ type: "refused" });
    expect(await append("entry-2", 3)).toEqual({ type: "stored", sequence: 2, duplicate: true });
    expect(await everything()).toEqual(["entry-1", "entry-2", "entry-3"]);
  });

  test("answers unknown when the server dies, and a resend settles it", async () => {
    await fill(1);
    const inFlight = append("in flight", 1);
    await adapter.interrupt();
    const first = await inFlight;
    await eventually("disconnected", () => connection.bus.state === "disconnected");
    expect(await append("not sent", 2)).toMatchObject({ type: "unknown" });
    await adapter.resume();
    await eventually("connected", () => connection.bus.state === "connected");
    let again: AppendOutcome = first;
    await eventually("settled", async () => {
      if (again.type === "unknown") again = await append("in flight", 1);
      return again.type !== "unknown";
    });
    expect(["stored", "refused"]).toContain(again.type);
    expect(await everything()).toEqual(["entry-1", "in flight"]);
  });

  test("is read in order, with headers and time, from any sequence, and live", async () => {
    await fill(5);
    const got: LogEntry[] = [];
    const reader = log.read({
      fromSequence: 3,
      onEntry: (entry) => void got.push(entry),
      onError: (error) => expect.unreachable(error.message),
    });
    await reader.caughtUp(5);
    const headers = { "Berth-Epoch": "7" };
    await log.append({
      data: bytes("live"),
      expectedSequence: 5,
      messageId: "live",
      headers,
      timeoutMs: 5_000,
    });
    await reader.caughtUp(6);
    expect(got.map(({ sequence }) => sequence)).toEqual([3, 4, 5, 6]);
    expect(got[3]?.headers).toMatchObject({ "Berth-Epoch": "7", "Nats-Msg-Id": "live" });
    expect(Math.abs((got[3]?.storedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    await reader.stop();
    await append("after the stop", 6);
    await log.info();
    expect(got).toHaveLength(4);
    await expect(reader.caughtUp(7)).rejects.toMatchObject({ code: "Closed" });
  });

  test("is read each once, in order, while the server dies and comes back", async () => {
    const seen: number[] = [];
    const reader = log.read({
      fromSequence: 1,
      onEntry: ({ sequence }) => void seen.push(sequence),
      onError: (error) => expect.unreachable(error.message),
    });
    let last = 0;
    for (const round of [1, 2]) {
      await fill(300, last);
      last += 300;
      if (round === 1) await reader.caughtUp(last);
      await adapter.interrupt();
      await eventually("disconnected", () => connection.bus.state === "disconnected");
      await adapter.resume();
      await eventually("connected", () => connection.bus.state === "connected");
    }
    await fill(10, last);
    await reader.caughtUp(last + 10);
    expect(seen).toEqual(Array.from({ length: last + 10 }, (_, index) => index + 1));
    await reader.stop();
  });

  test("waits for a reader that takes its time", async () => {
    await fill(50);
    let active = 0;
    const seen: number[] = [];
    const reader = log.read({
      fromSequence: 1,
      onEntry: async ({ sequence }) => {
        expect(++active).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(sequence);
        active--;
      },
      onError: (error) => expect.unreachable(error.message),
    });
    await reader.caughtUp(50);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    await reader.stop();
  });

  test("ends a reader whose handler fails, with the error", async () => {
    await fill(3);
    const seen: number[] = [];
    const failed = new Promise<Error>((resolve) => {
      log.read({
        fromSequence: 1,
        onEntry: ({ sequence }) => {
          seen.push(sequence);
          if (sequence === 2) throw new Error("cannot fold this");
        },
        onError: resolve,
      });
    });
    expect((await failed).message).toBe("cannot fold this");
    expect(seen).toEqual([1, 2]);
  });

  test("ends a reader with Trimmed when what comes next is gone, and with LostTail when what it read is", async () => {
    await fill(3);
    await adapter.trim("TEST_LOG", 3);
    expect(await log.info()).toMatchObject({ firstSequence: 3, lastSequence: 3 });
    const errors: Error[] = [];
    const read = (fromSequence: number) =>
      log.read({ fromSequence, onEntry: () => undefined, onError: (error) => errors.push(error) });
    read(2);
    await eventually("the error came", () => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: "Trimmed" });
    await read(3).caughtUp(3);
    await adapter.startOver("TEST_LOG");
    await eventually("the reader noticed", () => errors.length === 2);
    expect(errors[1]).toMatchObject({ code: "LostTail" });
  });

  test("waits for what comes when it is read from beyond its end", async () => {
    await fill(2);
    const got: number[] = [];
    const reader = log.read({
      fromSequence: 4,
      onEntry: ({ sequence }) => void got.push(sequence),
      onError: (error) => expect.unreachable(error.message),
    });
    await fill(3, 2);
    await reader.caughtUp(5);
    expect(got).toEqual([4, 5]);
    await reader.stop();
  });

  test("tells a reader that there is no stream", async () => {
    const absent = connection.eventLog({ stream: "ABSENT", subject: "absent.log" });
    await expect(absent.info()).rejects.toMatchObject({ code: "StreamMissing" });
    const failed = new Promise<Error>((resolve) => {
      absent.read({ fromSequence: 1, onEntry: () => undefined, onError: resolve });
    });
    expect(await failed).toMatchObject({ code: "StreamMissing" });
  });

  test("gets one entry, or undefined", async () => {
    await fill(2);
    const entry = await log.get(2);
    expect(entry).toMatchObject({ sequence: 2, headers: { "Nats-Msg-Id": "entry-2" } });
    expect(Buffer.from(entry?.data ?? []).toString()).toBe("entry-2");
    expect(await log.get(3)).toBeUndefined();
  });
});
