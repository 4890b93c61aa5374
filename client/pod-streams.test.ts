import { describe, expect, test } from "vitest";
import { streamWindow } from "../protocol/mod.ts";
import type { LogOptions } from "./pod-streams.ts";
import { refuse, type Script, type ScriptedApi } from "./testkit/scripted-api.ts";
import { scriptedCluster } from "./testkit/scripted-cluster.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

function streaming() {
  const holder: { api?: ScriptedApi } = {};
  const script: Script = (asked) => holder.api?.stream(asked) ?? "silence";
  const cluster = scriptedCluster(script);
  holder.api = cluster.api;
  return cluster;
}

/** Reads a log to its end, in the background. */
function readLog({ client }: ReturnType<typeof streaming>, options: LogOptions = {}) {
  const read: { text: string; error?: unknown; ended: boolean } = { text: "", ended: false };
  const run = async (): Promise<void> => {
    for await (const { data } of client.logs("web", options)) read.text += text(data);
  };
  run()
    .catch((error: unknown) => {
      read.error = error;
    })
    .finally(() => {
      read.ended = true;
    });
  return read;
}

describe("logs", () => {
  test("chunks arrive in order until the end", async () => {
    const cluster = streaming();
    const read = readLog(cluster, { tailLines: 5, container: "web", timeoutMs: 1000 });
    await cluster.world.settle();
    const [stream] = cluster.api.streams;
    expect(stream?.target).toMatchObject({ verb: "get", resource: "pods", name: "web", subresource: "log" });
    expect(stream?.request).toMatchObject({ stream: { tailLines: 5, container: "web" } });
    stream?.send({ type: "data", channel: "stdout", data: bytes("one\n") });
    stream?.send({ type: "data", channel: "stderr", data: bytes("two\n") });
    stream?.send({ type: "end" });
    await cluster.world.settle();
    expect(read).toEqual({ text: "one\ntwo\n", ended: true });
  });
  test("the reader acknowledges as it reads, well before the window is full", async () => {
    const cluster = streaming();
    readLog(cluster, { follow: true });
    await cluster.world.settle();
    const [stream] = cluster.api.streams;
    for (let index = 0; index < streamWindow; index++)
      stream?.send({ type: "data", channel: "stdout", data: bytes("x") });
    await cluster.world.settle();
    expect(stream?.received.map((frame) => frame.type === "ack" && frame.upTo)).toEqual([16, 32, 48, 64]);
    expect(stream?.received.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });
  test("a lost frame is an error and not a silent hole", async () => {
    const cluster = streaming();
    const read = readLog(cluster);
    await cluster.world.settle();
    const [stream] = cluster.api.streams;
    stream?.send({ type: "data", channel: "stdout", data: bytes("one\n") });
    await cluster.world.settle();
    cluster.connection.drop();
    stream?.send({ type: "data", channel: "stdout", data: bytes("lost\n") });
    await cluster.world.settle();
    cluster.connection.restore();
    await cluster.world.settle();
    stream?.send({ type: "data", channel: "stdout", data: bytes("three\n") });
    await cluster.world.settle();
    expect(read).toMatchObject({ text: "one\n", error: { code: "Disconnected" } });
  });
  test("a quiet agent is waited for, one that is gone is not", async () => {
    const cluster = streaming();
    const read = readLog(cluster, { follow: true });
    await cluster.world.advance(60_000);
    expect(read.ended).toBe(false);
    cluster.api.streams[0]?.vanish();
    await cluster.world.advance(10_000);
    expect(read.error).toMatchObject({
      code: "Disconnected",
      message: "the agent that served the stream is gone",
    });
  });
  test("an abort ends it, and tells the agent", async () => {
    const cluster = streaming();
    const abort = new AbortController();
    const read = readLog(cluster, { follow: true, signal: abort.signal });
    await cluster.world.settle();
    abort.abort();
    await cluster.world.settle();
    expect([read.ended, read.error]).toEqual([true, undefined]);
    expect(cluster.api.streams[0]?.received.at(-1)).toMatchObject({ type: "end" });
  });
});

describe("exec", () => {
  test("input goes in, output comes out, and the exit code is the command's", async () => {
    const cluster = streaming();
    const running = cluster.client.run("web", ["cat"], { input: "hello" });
    await cluster.world.settle();
    const [stream] = cluster.api.streams;
    expect(stream?.target).toMatchObject({ verb: "create", subresource: "exec" });
    expect(stream?.request).toMatchObject({ stream: { command: ["cat"], stdin: true, tty: false } });
    expect(stream?.received).toMatchObject([
      { type: "data", channel: "stdin", data: Buffer.from("hello") },
      { type: "end-of-input" },
    ]);
    stream?.send({ type: "data", channel: "stdout", data: bytes("hello") });
    stream?.send({ type: "data", channel: "stderr", data: bytes("oops") });
    stream?.send({ type: "end", exitCode: 3 });
    await expect(cluster.settled(running)).resolves.toEqual({ exitCode: 3, stdout: "hello", stderr: "oops" });
  });
  test("writing stops at the window until the agent acknowledges", async () => {
    const cluster = streaming();
    const session = await cluster.settled(cluster.client.exec("web", ["cat"], { stdin: true }));
    void session.output[Symbol.asyncIterator]().next();
    let written = 0;
    const write = async (): Promise<void> => {
      for (let index = 0; index < streamWindow + 6; index++) {
        await session.write(bytes("x"));
        written++;
      }
    };
    void write();
    await cluster.world.settle();
    expect(written).toBe(streamWindow);
    cluster.api.streams[0]?.send({ type: "ack", upTo: 4 });
    await cluster.world.settle();
    expect(written).toBe(streamWindow + 4);
    cluster.api.streams[0]?.send({ type: "end", exitCode: 0 });
    await cluster.world.settle();
    expect(written).toBe(streamWindow + 6);
  });
  test("what the agent ends with an error is that error", async () => {
    const cluster = streaming();
    const running = cluster.client.run("web", ["nope"]);
    await cluster.world.settle();
    cluster.api.streams[0]?.send({ type: "end", error: { code: "BadRequest", message: "nope: not found" } });
    await expect(cluster.settled(running)).rejects.toMatchObject({ code: "BadRequest" });
  });
  test("a command whose start was not answered is not started again", async () => {
    const { client, api, settled } = scriptedCluster(() => "silence");
    await expect(settled(client.exec("web", ["rm", "x"], { timeoutMs: 20_000 }))).rejects.toMatchObject({
      code: "Timeout",
    });
    expect(api.asked).toHaveLength(1);
  });
  test("what never was started may be tried again", async () => {
    let tries = 0;
    const { client, api, settled } = scriptedCluster((asked) => {
      if (asked.target.subresource === "exec" && ++tries < 3) return refuse("NoLeader", "not now");
      return api.stream(asked);
    });
    await expect(settled(client.exec("web", ["ls"]))).resolves.toMatchObject({ container: "web" });
  });
});
