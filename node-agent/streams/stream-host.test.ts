import { describe, expect, test } from "vitest";
import { createMemoryHub, createVirtualWorld, type Bus } from "../../actors/mod.ts";
import {
  decode,
  encode,
  type StreamFrame,
  type StreamRequest,
  streamSubject,
  streamWindow,
  type Uid,
  unwrap,
} from "../../protocol/mod.ts";
import { createSimulatedRuntime, type SimulatedProgram } from "../runtime/mod.ts";
import { uidOf } from "../testkit/pod-fixture.ts";
import { testContainer, testSandbox } from "../testkit/runtime-fixture.ts";
import { maxStreams, StreamHost } from "./stream-host.ts";

const pod = uidOf("web");
type Kind<Name> = Extract<StreamRequest, { readonly kind: Name }>;
const logs = (fields: Partial<Kind<"logs">> = {}): StreamRequest => ({
  version: 1,
  stream: "s1",
  user: "admin",
  pod,
  container: "main",
  kind: "logs",
  follow: false,
  previous: false,
  timestamps: false,
  ...fields,
});
const exec = (fields: Partial<Kind<"exec">> = {}): StreamRequest => ({
  version: 1,
  stream: "s1",
  user: "admin",
  pod,
  container: "main",
  kind: "exec",
  command: ["echo"],
  stdin: false,
  tty: false,
  ...fields,
});

/** The other end: keeps what comes, and acknowledges when told to. */
class Client {
  readonly frames: StreamFrame[] = [];
  readonly #bus: Bus;
  readonly #id: string;
  #sent = 0;
  acknowledging = true;
  readonly gone: () => void;

  constructor(bus: Bus, id = "s1") {
    this.#bus = bus;
    this.#id = id;
    const subscription = bus.subscribe(streamSubject("t", "admin", id, "out"), ({ data }) => {
      const frame = unwrap(decode(data)) as StreamFrame;
      this.frames.push(frame);
      if (frame.type === "data" && this.acknowledging) this.send({ type: "ack", upTo: frame.number });
    });
    this.gone = () => subscription.unsubscribe();
  }
  send(frame: object): void {
    this.#sent += 1;
    this.#bus.publish(streamSubject("t", "admin", this.#id, "in"), encode({ ...frame, number: this.#sent }));
  }
  /** The next frame is lost on the way. */
  skip(): void {
    this.#sent += 1;
  }
  get text(): string {
    return this.frames
      .map((frame) => (frame.type === "data" ? Buffer.from(frame.data).toString() : ""))
      .join("");
  }
  get end(): Extract<StreamFrame, { readonly type: "end" }> | undefined {
    return this.frames.find((frame) => frame.type === "end");
  }
}

async function bench(program: SimulatedProgram) {
  const world = createVirtualWorld({ seed: 3 });
  const hub = createMemoryHub(world);
  const runtime = createSimulatedRuntime({ cluster: "c", node: "n", world, program: () => program });
  const sandbox = await runtime.runSandbox(
    testSandbox({ pod: { cluster: "c", node: "n", namespace: "default", name: "web", uid: pod } }),
  );
  const id = await runtime.createContainer(sandbox.id, testContainer());
  await runtime.startContainer(id);
  const streams = new StreamHost({
    bus: hub.connect("agent"),
    prefix: "t",
    runtime,
    clock: world.clock,
    logger: world.logger,
  });
  return { world, hub, streams, client: new Client(hub.connect("client")) };
}
const lines = (count: number, text = "line") =>
  Array.from({ length: count }, (_, index) => ({
    atMs: 0,
    stream: "stdout" as const,
    text: `${text} ${index}\n`,
  }));

describe("logs", () => {
  test("are sent whole, then the end", async () => {
    const { world, streams, client } = await bench({ output: lines(3) });
    await world.advance(10);
    await expect(streams.open(logs())).resolves.toMatchObject({ ok: true });
    await world.advance(1000);
    expect(client.text).toBe("line 0\nline 1\nline 2\n");
    expect(client.end).toMatchObject({ type: "end" });
    expect(client.end?.error).toBeUndefined();
  });
  test("with timestamps, and no more bytes than asked for", async () => {
    const { world, streams, client } = await bench({ output: lines(3) });
    await world.advance(10);
    await streams.open(logs({ timestamps: true, limitBytes: 40 }));
    await world.advance(1000);
    expect(client.text).toMatch(/^2026-01-01T00:00:00\.\d{3}Z line 0\n/);
    expect(client.text).toHaveLength(40);
  });
  test("followed, never run ahead of the client by more than the window", async () => {
    const { world, streams, client } = await bench({ output: lines(streamWindow + 40, "x".repeat(60_000)) });
    client.acknowledging = false;
    await world.advance(10);
    await streams.open(logs({ follow: true }));
    await world.advance(2000);
    const data = client.frames.filter(({ type }) => type === "data");
    expect(data).toHaveLength(streamWindow);
    client.acknowledging = true;
    client.send({ type: "ack", upTo: data.at(-1)?.number });
    await world.advance(2000);
    expect(client.frames.filter(({ type }) => type === "data")).toHaveLength(streamWindow + 40);
    expect(client.frames.map(({ number }) => number)).toEqual(client.frames.map((_, index) => index + 1));
  });
  test("end when the client is gone: its id is free again", async () => {
    const { world, streams, client } = await bench({});
    await streams.open(logs({ follow: true }));
    await expect(streams.open(logs())).resolves.toMatchObject({ error: { code: "AlreadyExists" } });
    client.gone();
    await world.advance(6000);
    await expect(streams.open(logs())).resolves.toMatchObject({ ok: true });
  });
  test("go on for a client that is there and has nothing to say", async () => {
    const { world, streams, client } = await bench({
      output: [{ atMs: 600_000, stream: "stdout", text: "late\n" }],
    });
    await streams.open(logs({ follow: true }));
    await world.advance(601_000);
    expect(client.text).toBe("late\n");
  });
  test("end when the client reads nothing any more", async () => {
    const { world, streams, client } = await bench({ output: lines(streamWindow + 40, "x".repeat(60_000)) });
    client.acknowledging = false;
    await world.advance(10);
    await streams.open(logs({ follow: true }));
    await world.advance(70_000);
    expect(client.end?.error?.code).toBe("Timeout");
  });
});

describe("exec", () => {
  test("carries input, output and the exit code", async () => {
    const { world, streams, client } = await bench({
      exec: (command, input) => ({ exitCode: 3, stdout: `${command.join(" ")}: ${input}`, stderr: "warned" }),
    });
    await streams.open(exec({ command: ["cat", "-"], stdin: true }));
    client.send({ type: "data", channel: "stdin", data: Buffer.from("hello") });
    client.send({ type: "end-of-input" });
    await world.advance(1000);
    const said = client.frames.flatMap((frame) =>
      frame.type === "data" ? [[frame.channel, Buffer.from(frame.data).toString()] as const] : [],
    );
    expect(said).toHaveLength(2);
    expect(new Map(said)).toEqual(
      new Map([
        ["stdout", "cat -: hello"],
        ["stderr", "warned"],
      ]),
    );
    expect(client.end).toMatchObject({ exitCode: 3 });
  });
  test("a lost frame breaks the stream, and says so", async () => {
    const { world, streams, client } = await bench({ exec: () => ({ exitCode: 0, afterMs: 60_000 }) });
    await streams.open(exec({ stdin: true }));
    client.send({ type: "end-of-input" });
    client.skip();
    client.send({ type: "resize", columns: 80, rows: 24 });
    await world.advance(100);
    expect(client.end?.error?.code).toBe("Disconnected");
  });
});

describe("refusals", () => {
  test.each([
    ["an unknown container", logs({ container: "none" }), "BadRequest"],
    ["another pod", logs({ pod: "other" as Uid }), "BadRequest"],
    ["no previous attempt", logs({ previous: true }), "BadRequest"],
  ])("%s", async (_name, request, code) => {
    const { streams } = await bench({});
    await expect(streams.open(request)).resolves.toMatchObject({ ok: false, error: { code } });
  });
  test("too many at once", async () => {
    const { streams, hub } = await bench({});
    for (let index = 0; index < maxStreams; index++) {
      new Client(hub.connect(`c${index}`), `id${index}`);
      await streams.open(logs({ follow: true, stream: `id${index}` }));
    }
    await expect(streams.open(logs())).resolves.toMatchObject({
      ok: false,
      error: { code: "TooManyRequests" },
    });
  });
});
