// logs and exec.

import { describe, expect, test } from "vitest";
import type { Script, ScriptedApi } from "../../client/testkit/scripted-api.ts";
import { holding, storedController, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const objects = [storedPod("web-1"), storedPod("web-2"), storedController("web", 2)];
const streaming =
  (api: ScriptedApi): Script =>
  (asked) =>
    asked.target.subresource === "log" || asked.target.subresource === "exec"
      ? api.stream(asked)
      : holding(objects)(api)(asked);

describe("logs", () => {
  test("of a pod, as they were written", async () => {
    const { start, out, world, api } = terminal(streaming);
    const code = start(["logs", "web-1", "-c", "web", "--tail=5", "--since=2m", "--timestamps", "-p"]);
    await world.settle();
    const [stream] = api.streams;
    expect(stream?.request.stream).toMatchObject({
      container: "web",
      tailLines: 5,
      sinceSeconds: 120,
      timestamps: true,
      previous: true,
    });
    stream?.send({ type: "data", channel: "stdout", data: bytes("one\npart") });
    stream?.send({ type: "end" });
    await world.settle();
    expect([await code, out()]).toEqual([0, "one\npart"]);
  });
  test("of a workload: of one of its pods, and which", async () => {
    const { start, out, err, world, api } = terminal(streaming);
    const code = start(["logs", "rc/web"]);
    await world.settle();
    expect(api.of("list")[0]?.request.labelSelector).toBe("app=web");
    expect(api.streams.map(({ target, request }) => [target.name, request.stream?.tailLines])).toEqual([
      ["web-1", undefined],
    ]);
    api.streams[0]?.send({ type: "data", channel: "stdout", data: bytes("one\n") });
    api.streams[0]?.send({ type: "end" });
    await world.settle();
    expect([await code, out(), err()]).toEqual([0, "one\n", "Found 2 pods, using pod/web-1\n"]);
  });
  test.each([
    {
      what: "none named",
      argv: [],
      container: "a",
      said: 'Defaulted container "a" out of: a, b, setup (init)\n',
    },
    { what: "one named", argv: ["-c", "b"], container: "b", said: "" },
    { what: "one preferred by the pod", argv: [], prefers: "b", container: "b", said: "" },
  ])("of a pod with several containers, $what", async ({ argv, prefers, container, said }) => {
    const pod = {
      ...storedPod("many"),
      spec: {
        containers: [{ name: "a" }, { name: "b" }],
        initContainers: [{ name: "setup" }],
      },
    };
    const annotations = { "kubectl.kubernetes.io/default-container": prefers ?? "other" };
    const many = { ...pod, metadata: { ...pod.metadata, annotations } };
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.subresource === "log" ? api.stream(asked) : holding([many])(api)(asked);
    const { start, err, world, api } = terminal(script);
    void start(["logs", "many", ...argv]);
    await world.settle();
    expect([api.streams[0]?.request.stream?.container, err()]).toEqual([container, said]);
  });
  test("of all pods of a workload: whole lines, with the pod's name", async () => {
    const { start, out, world, api } = terminal(streaming);
    const code = start(["logs", "-l", "app=web", "-f"]);
    await world.settle();
    const [one, two] = api.streams;
    expect(one?.request.stream).toMatchObject({ follow: true, tailLines: 10 });
    one?.send({ type: "data", channel: "stdout", data: bytes("from o") });
    two?.send({ type: "data", channel: "stdout", data: bytes("from two\n") });
    await world.settle();
    one?.send({ type: "data", channel: "stdout", data: bytes("ne\nlast") });
    one?.send({ type: "end" });
    two?.send({ type: "end" });
    await world.settle();
    expect([await code, out()]).toEqual([0, "[web-2] from two\n[web-1] from one\n[web-1] last\n"]);
  });
  test("an error of the agent is shown, and exits with 1", async () => {
    const { start, err, world, api } = terminal(streaming);
    const code = start(["logs", "web-1"]);
    await world.settle();
    api.streams[0]?.send({
      type: "end",
      error: { code: "NotFound", message: "container web has no previous run" },
    });
    await world.settle();
    expect([await code, err()]).toEqual([
      1,
      "Error from server (NotFound): container web has no previous run\n",
    ]);
  });
  test("Ctrl-C ends following with 130", async () => {
    const { start, world, interrupt } = terminal(streaming);
    const code = start(["logs", "-f", "web-1"]);
    await world.settle();
    interrupt();
    await world.settle();
    expect(await code).toBe(130);
  });
  test("no port is opened for a pod that is not there", async () => {
    const { run, out, err } = terminal(streaming);
    expect([await run(["port-forward", "nope", "8080"]), out()]).toEqual([1, ""]);
    expect(err()).toContain('pods "nope" not found');
  });
  test("a pod is needed", async () => {
    expect(await terminal(streaming).run(["logs"])).toBe(2);
  });
});

describe("exec", () => {
  test("passes input on, keeps the outputs apart, and ends with the command's exit code", async () => {
    const { start, out, err, world, api } = terminal(streaming, { stdin: "hello" });
    const code = start(["exec", "-i", "web-1", "-c", "web", "--", "sh", "-c", "cat; exit 7"]);
    await world.settle();
    const [stream] = api.streams;
    expect(stream?.request.stream).toMatchObject({
      command: ["sh", "-c", "cat; exit 7"],
      stdin: true,
      tty: false,
      container: "web",
    });
    expect(stream?.received).toMatchObject([
      { type: "data", data: Buffer.from("hello") },
      { type: "end-of-input" },
    ]);
    stream?.send({ type: "data", channel: "stdout", data: bytes("out") });
    stream?.send({ type: "data", channel: "stderr", data: bytes("err") });
    stream?.send({ type: "end", exitCode: 7 });
    await world.settle();
    expect([await code, out(), err()]).toEqual([7, "out", "err"]);
  });
  test("with a terminal: raw mode while it runs, and the terminal's size", async () => {
    const { start, world, api, rawModes } = terminal(streaming, { isTTY: true, stdinOpen: true });
    const code = start(["exec", "-it", "web-1", "--", "sh"]);
    await world.settle();
    expect(api.streams[0]?.request.stream).toMatchObject({ tty: true });
    expect(api.streams[0]?.received).toMatchObject([{ type: "resize", columns: 100, rows: 30 }]);
    expect(rawModes).toEqual([true]);
    api.streams[0]?.send({ type: "end", exitCode: 0 });
    await world.settle();
    expect([await code, rawModes]).toEqual([0, [true, false]]);
  });
  test("without a terminal -t is left out, with a word about it", async () => {
    const { start, err, world, api } = terminal(streaming);
    void start(["exec", "-it", "web-1", "--", "sh"]);
    await world.settle();
    expect([api.streams[0]?.request.stream?.tty, err()]).toEqual([
      false,
      expect.stringContaining("Unable to use a TTY"),
    ]);
  });
  test("a command is needed", async () => {
    const { run, err } = terminal(streaming);
    expect([await run(["exec", "web-1"]), err()]).toEqual([
      2,
      expect.stringContaining("berth exec POD -- COMMAND"),
    ]);
  });
});
