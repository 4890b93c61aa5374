// What every bus must do, against both adapters.

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Bus, BusMessage, BusState } from "../../../actors/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { adapters, type Adapter } from "./adapters.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (message: BusMessage): string => Buffer.from(message.data).toString();

describe.each(adapters)("a bus on $name", ({ start }) => {
  let adapter: Adapter;
  let one: Bus;
  let two: Bus;
  beforeEach(async () => {
    adapter = await start();
    one = (await adapter.connect("one")).bus;
    two = (await adapter.connect("two")).bus;
  });
  afterEach(() => adapter.dispose());

  async function collect(bus: Bus, subject: string, queue?: string): Promise<string[]> {
    const got: string[] = [];
    bus.subscribe(subject, (message) => got.push(text(message)), queue === undefined ? {} : { queue });
    await bus.flush();
    return got;
  }

  test("keeps the order of one publisher", async () => {
    const got = await collect(two, "numbers");
    const sent = Array.from({ length: 1000 }, (_, index) => String(index));
    for (const number of sent) one.publish("numbers", bytes(number));
    await eventually("all arrived", () => got.length === sent.length);
    expect(got).toEqual(sent);
  });

  test("keeps the order of one publisher over several subjects", async () => {
    const got = await collect(two, "mixed.*");
    for (let index = 0; index < 300; index++) one.publish(`mixed.${index % 7}`, bytes(String(index)));
    await eventually("all arrived", () => got.length === 300);
    expect(got).toEqual(Array.from({ length: 300 }, (_, index) => String(index)));
  });

  test("matches wildcards", async () => {
    const [star, rest] = [await collect(two, "a.*.c"), await collect(two, "a.>")];
    for (const subject of ["a", "a.b", "a.b.c", "a.x.c", "a.b.c.d", "end"])
      one.publish(subject, bytes(subject));
    one.publish("a.last", bytes("last"));
    await eventually("the last arrived", () => rest.includes("last"));
    expect(star).toEqual(["a.b.c", "a.x.c"]);
    expect(rest).toEqual(["a.b", "a.b.c", "a.x.c", "a.b.c.d", "last"]);
  });

  test("gives each message to one of a queue and to everyone else", async () => {
    const members = [await collect(one, "work", "group"), await collect(two, "work", "group")];
    const [all, also] = [await collect(one, "work"), await collect(two, "work")];
    for (let index = 0; index < 50; index++) one.publish("work", bytes(String(index)));
    const shared = (): string[] => members.flat();
    await eventually("all arrived", () => all.length === 50 && also.length === 50 && shared().length >= 50);
    expect(new Set(shared()).size).toBe(50);
    expect(shared()).toHaveLength(50);
  });

  test("answers a request, with headers both ways", async () => {
    two.subscribe("service", (message) => {
      message.respond(bytes(`${text(message)} ${message.headers["Question"]}`), { Answer: "für dich" });
    });
    await two.flush();
    const answer = await one.request("service", bytes("hello"), {
      timeoutMs: 5_000,
      headers: { Question: "why" },
    });
    expect(text(answer)).toBe("hello why");
    expect(answer.headers).toEqual({ Answer: "für dich" });
    expect(answer.reply).toBeUndefined();
  });

  test("passes a reply subject on, and an empty message", async () => {
    const replies = await collect(one, "my.reply");
    two.subscribe("service", (message) => message.respond(message.data));
    await two.flush();
    one.publish("service", new Uint8Array(), { reply: "my.reply" });
    await eventually("the answer came", () => replies.length === 1);
    expect(replies).toEqual([""]);
  });

  test("says at once that nobody listens", async () => {
    const started = performance.now();
    await expect(one.request("nobody", bytes("x"), { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "NoResponders",
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("says at once that nobody listens any more when the last who did has left", async () => {
    two.subscribe("leaving", (message) => message.respond(bytes("here")));
    await two.flush();
    expect(text(await one.request("leaving", bytes("x"), { timeoutMs: 5_000 }))).toBe("here");
    await two.close();
    await expect(one.request("leaving", bytes("x"), { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "NoResponders",
    });
  });

  test("times out when the one who listens is silent", async () => {
    const got = await collect(two, "silent");
    await expect(one.request("silent", bytes("x"), { timeoutMs: 20 })).rejects.toMatchObject({
      code: "Timeout",
    });
    expect(got).toEqual(["x"]);
  });

  test("survives a handler that throws", async () => {
    const got: string[] = [];
    two.subscribe("fragile", (message) => {
      if (text(message) === "bad") throw new Error("on purpose");
      got.push(text(message));
    });
    await two.flush();
    for (const content of ["good", "bad", "good again"]) one.publish("fragile", bytes(content));
    await eventually("both arrived", () => got.length === 2);
  });

  test("delivers nothing after unsubscribe", async () => {
    const got: string[] = [];
    const subscription = two.subscribe("short", (message) => {
      got.push(text(message));
      subscription.unsubscribe();
    });
    const later = await collect(two, "marker");
    one.publish("short", bytes("first"));
    one.publish("short", bytes("second"));
    one.publish("marker", bytes("end"));
    await eventually("the end arrived", () => later.length === 1);
    expect(got).toEqual(["first"]);
  });

  test("refuses what is too large, and what is no subject", async () => {
    const large = new Uint8Array(one.maxPayload + 1);
    expect(() => one.publish("x", large)).toThrow(expect.objectContaining({ code: "TooLarge" }));
    await expect(one.request("x", large, { timeoutMs: 1_000 })).rejects.toMatchObject({ code: "TooLarge" });
    expect(() => one.publish("two words", bytes("x"))).toThrow(/no NATS subject/);
    expect(() => one.publish("", bytes("x"))).toThrow(/no NATS subject/);
    expect(() => one.publish("x\r\nPUB y 0", bytes("x"))).toThrow(/no NATS subject/);
  });

  test("fails requests at once while disconnected, and finds its subscriptions again", async () => {
    const states: BusState[] = [];
    one.onState((state) => states.push(state));
    const got = await collect(two, "news");
    two.subscribe("service", (message) => message.respond(bytes("here")));
    await two.flush();
    await adapter.interrupt();
    await eventually("disconnected", () => one.state === "disconnected" && two.state === "disconnected");
    const started = performance.now();
    await expect(one.request("service", bytes("x"), { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "Disconnected",
    });
    expect(performance.now() - started).toBeLessThan(1_000);
    one.publish("news", bytes("may be lost"));
    const late = (): string[] => got.filter((content) => content !== "may be lost");
    two.subscribe("made.meanwhile", (message) => message.respond(bytes("also here")));
    await adapter.resume();
    await eventually("connected", () => one.state === "connected" && two.state === "connected");
    await two.flush();
    expect(text(await one.request("service", bytes("x"), { timeoutMs: 5_000 }))).toBe("here");
    expect(text(await one.request("made.meanwhile", bytes("x"), { timeoutMs: 5_000 }))).toBe("also here");
    one.publish("news", bytes("fresh"));
    await eventually("the news came", () => late().length === 1);
    expect(states).toEqual(["disconnected", "connected"]);
  });

  test("is closed for good, after sending what was published", async () => {
    const got = await collect(two, "last.words");
    for (let index = 0; index < 100; index++) one.publish("last.words", bytes("x"));
    await one.close();
    await eventually("all arrived", () => got.length === 100);
    expect(one.state).toBe("closed");
    expect(() => one.publish("x", bytes("x"))).toThrow(expect.objectContaining({ code: "Closed" }));
    await expect(one.request("x", bytes("x"), { timeoutMs: 10 })).rejects.toMatchObject({ code: "Closed" });
  });

  test("shows a micro service of which every instance gets every message", async () => {
    const handled: string[] = [];
    const definition = (who: string) => ({
      name: "berth-test",
      version: "1.2.3",
      description: "for a test",
      endpoints: [
        {
          name: "api",
          subject: "test.api.*",
          handler: (message: BusMessage) => handled.push(`${who} ${message.subject}`),
        },
      ],
    });
    const first = await one.service(definition("one"));
    await two.service(definition("two"));
    one.publish("test.api.x", bytes(""));
    await eventually("both got it", () => handled.length === 2);
    first.record("api", 2.5);
    first.record("api", 0.5, "it went wrong");

    const answers: string[] = [];
    const inbox = one.inbox();
    one.subscribe(inbox, (message) => answers.push(text(message)));
    for (const verb of ["PING", "INFO"]) one.publish(`$SRV.${verb}`, bytes(""), { reply: inbox });
    one.publish(`$SRV.STATS.berth-test.${first.id}`, bytes(""), { reply: inbox });
    await eventually("five answers", () => answers.length === 5);
    const parsed = answers.map((answer) => JSON.parse(answer));
    expect(parsed.filter(({ type }) => type === "io.nats.micro.v1.ping_response")).toHaveLength(2);
    expect(parsed.find(({ type }) => type === "io.nats.micro.v1.info_response").endpoints).toEqual([
      { name: "api", subject: "test.api.*", queue_group: "", metadata: {} },
    ]);
    expect(parsed.find(({ type }) => type === "io.nats.micro.v1.stats_response").endpoints[0]).toMatchObject({
      num_requests: 2,
      num_errors: 1,
      last_error: "it went wrong",
      processing_time: 3_000_000,
      average_processing_time: 1_500_000,
    });
    await first.stop();
    const after: string[] = [];
    const other = one.inbox();
    one.subscribe(other, (message) => after.push(text(message)));
    one.publish("$SRV.PING.berth-test", bytes(""), { reply: other });
    await eventually("the one left answers", () => after.length === 1);
  });
});
