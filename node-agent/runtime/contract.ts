// The contract test that every driver passes: what the pods' state machines rely on, in words that know no driver.
// A driver's test file calls describeRuntimeContract with a harness.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Uid } from "../../protocol/mod.ts";
import type {
  ContainerId,
  ContainerRuntime,
  ContainerSpec,
  ContainerStatusInfo,
  LogOptions,
  RuntimeEvent,
  SandboxSpec,
  SandboxState,
} from "./runtime.ts";

/** What a container of the contract does; a harness says how its driver is told so. */
export type ContractProgram =
  | { readonly type: "exit"; readonly code: number }
  /** Runs until SIGTERM, which ends it with 143. */
  | { readonly type: "steady" }
  /** Prints lines to stdout (or stderr for those that begin with "!"), then runs on or ends. */
  | { readonly type: "print"; readonly lines: readonly string[]; readonly thenExit?: number }
  | { readonly type: "exit-on-term"; readonly code: number }
  | { readonly type: "ignore-term" }
  | { readonly type: "missing" }
  /** A shell script; drivers without a shell don't get this one. */
  | { readonly type: "shell"; readonly script: string; readonly words?: readonly string[] };

export interface ContractHarness {
  readonly cluster: string;
  /** A driver over the same host; the second one is a restarted agent. `node` tells nodes of one host apart. */
  open(node: string): Promise<ContainerRuntime>;
  readonly image: string;
  command(program: ContractProgram): {
    readonly command: readonly string[];
    readonly args: readonly string[];
  };
  /** Programs run for real: shells, files, environments, pipes. */
  readonly real: boolean;
  /** Runs after everything; the host is as before. */
  close(): Promise<void>;
}

/** `program` for drivers that have a shell. */
export function shellCommand(program: ContractProgram): {
  command: readonly string[];
  args: readonly string[];
} {
  const shell = (
    script: string,
    ...words: readonly string[]
  ): { command: readonly string[]; args: readonly string[] } => ({
    command: ["sh", "-c"],
    args: [script, "sh", ...words],
  });
  // `wait` lets a trap run at once, and a shell says nothing about the end of a job in the background.
  const wait = "while :; do sleep 1 & wait; done";
  switch (program.type) {
    case "exit":
      return shell(`exit ${program.code}`);
    case "steady":
      return shell(`trap 'exit 143' TERM; echo ready; ${wait}`);
    case "exit-on-term":
      return shell(`trap 'echo bye; exit ${program.code}' TERM; echo ready; ${wait}`);
    case "ignore-term":
      return shell(`trap '' TERM; echo ready; ${wait}`);
    case "missing":
      return { command: ["/no/such/program"], args: [] };
    case "shell":
      return shell(program.script, ...(program.words ?? []));
    case "print": {
      const end =
        program.thenExit === undefined ? `trap 'exit 143' TERM; ${wait}` : `exit ${program.thenExit}`;
      const print = 'for line in "$@"; do case $line in !*) echo "$line" >&2;; *) echo "$line";; esac; done';
      return shell(`${print}; ${end}`, ...program.lines);
    }
  }
}

const waitOptions = { timeout: 20_000, interval: 10 };
const testMs = 60_000;

export function describeRuntimeContract(name: string, makeHarness: () => Promise<ContractHarness>): void {
  describe(`${name} runtime`, () => {
    let harness: ContractHarness;
    let runtime: ContainerRuntime;
    let directory: string;
    const pods: SandboxState[] = [];
    const extra: ContainerRuntime[] = [];
    const suffix = `${process.pid.toString(36)}`;
    let count = 0;

    beforeAll(async () => {
      harness = await makeHarness();
      directory = mkdtempSync(join(tmpdir(), "berth-contract-"));
      runtime = await harness.open("one");
    }, testMs);
    afterEach(async () => {
      for (const other of extra.splice(0)) await other.close();
      for (const pod of pods.splice(0)) await runtime.removeSandbox(pod.id);
    }, testMs);
    afterAll(async () => {
      await runtime.close();
      await harness.close();
      rmSync(directory, { recursive: true, force: true });
    }, testMs);

    const sandboxSpec = (change: Partial<SandboxSpec> = {}, node = "one"): SandboxSpec => {
      count += 1;
      const uid = `${suffix}-${count}` as Uid;
      return {
        pod: { cluster: harness.cluster, node, namespace: "default", name: `pod-${count}`, uid },
        attempt: 0,
        hostname: `pod-${count}`,
        hostNetwork: false,
        hostPorts: [],
        address: `127.0.77.${count}`,
        labels: {},
        annotations: {},
        logDirectory: join(directory, uid),
        ...change,
      };
    };
    const containerSpec = (program: ContractProgram, change: Partial<ContainerSpec> = {}): ContainerSpec => ({
      name: "main",
      attempt: 0,
      image: harness.image,
      ...harness.command(program),
      environment: [],
      mounts: [],
      resources: {},
      tty: false,
      stdin: false,
      ...change,
    });
    const pod = async (spec = sandboxSpec()): Promise<SandboxState> => {
      const sandbox = await runtime.runSandbox(spec);
      pods.push(sandbox);
      return sandbox;
    };
    const run = async (
      sandbox: SandboxState,
      program: ContractProgram,
      change: Partial<ContainerSpec> = {},
    ): Promise<ContainerId> => {
      const id = await runtime.createContainer(sandbox.id, containerSpec(program, change));
      await runtime.startContainer(id);
      return id;
    };
    const ended = async (id: ContainerId, by = runtime): Promise<ContainerStatusInfo> =>
      await vi.waitFor(async () => {
        const status = await by.inspectContainer(id);
        expect(status?.state).toBe("exited");
        return status as ContainerStatusInfo;
      }, waitOptions);
    const lines = async (
      id: ContainerId,
      options: Partial<LogOptions> = {},
      by = runtime,
    ): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const line of by.logs(id, { follow: false, ...options })) {
        found.push(Buffer.from(line.text).toString());
      }
      return found;
    };
    /** Follows until a line is there: the program has come so far. */
    const said = async (id: ContainerId, text: string, by = runtime): Promise<void> => {
      if (!harness.real) return;
      for await (const line of by.logs(id, { follow: true })) {
        if (Buffer.from(line.text).toString() === text) return;
      }
      throw new Error(`container ${id} ended without saying ${text}`);
    };
    const another = async (node: string): Promise<ContainerRuntime> => {
      const other = await harness.open(node);
      extra.push(other);
      return other;
    };

    it("tells its name, versions and what the host offers", async () => {
      const info = await runtime.info();
      expect(info.name).toBe(name);
      expect(info.version).not.toBe("");
      expect(info.capacity.cpuMilli).toBeGreaterThan(0);
      expect(info.capacity.memoryBytes).toBeGreaterThan(0);
    });

    it("makes a sandbox once per pod and attempt, lists it, stops it, removes it", async () => {
      const spec = sandboxSpec();
      const first = await pod(spec);
      expect(first).toMatchObject({ pod: spec.pod, attempt: 0, ready: true });
      expect(first.ip).not.toBe("");
      expect((await runtime.runSandbox(spec)).id).toBe(first.id);
      const again = await pod({ ...spec, attempt: 1 });
      expect(again.id).not.toBe(first.id);
      const listed = (await runtime.listSandboxes()).filter((each) => each.pod.uid === spec.pod.uid);
      expect(listed.map((each) => each.attempt).sort()).toEqual([0, 1]);
      expect(listed.find((each) => each.attempt === 0)).toMatchObject({
        pod: spec.pod,
        ready: true,
        ip: first.ip,
      });

      await runtime.stopSandbox(first.id);
      await runtime.stopSandbox(first.id);
      expect((await runtime.listSandboxes()).find((each) => each.id === first.id)?.ready).toBe(false);
      await runtime.removeSandbox(first.id);
      await runtime.removeSandbox(first.id);
      expect((await runtime.listSandboxes()).map((each) => each.id)).not.toContain(first.id);
    });

    it("takes a container through created, running, exited and says so by events", async () => {
      const sandbox = await pod();
      const events: RuntimeEvent[] = [];
      const stop = runtime.onEvent((event) => events.push(event));
      const id = await runtime.createContainer(sandbox.id, containerSpec({ type: "exit", code: 0 }));
      expect(await runtime.inspectContainer(id)).toMatchObject({
        id,
        sandbox: sandbox.id,
        pod: sandbox.pod.uid,
        name: "main",
        attempt: 0,
        image: harness.image,
        state: "created",
      });
      await runtime.startContainer(id);
      const status = await ended(id);
      expect(status).toMatchObject({ exitCode: 0, reason: "Completed" });
      expect(status.startedAt).toBeGreaterThanOrEqual(Math.floor(status.createdAt));
      expect(status.finishedAt).toBeGreaterThanOrEqual(status.startedAt ?? Number.NaN);
      await vi.waitFor(() => {
        const ours = events.filter((event) => event.type === "container-changed" && event.container === id);
        expect(ours.length).toBeGreaterThanOrEqual(2);
        expect(ours.every((event) => event.pod === sandbox.pod.uid)).toBe(true);
      }, waitOptions);
      stop();
    });

    it("reports the exit code of a program that fails", async () => {
      const id = await run(await pod(), { type: "exit", code: 3 });
      expect(await ended(id)).toMatchObject({ exitCode: 3, reason: "Error" });
    });

    it("knows a container by sandbox, name and attempt", async () => {
      const sandbox = await pod();
      const spec = containerSpec({ type: "steady" });
      const id = await runtime.createContainer(sandbox.id, spec);
      expect(await runtime.createContainer(sandbox.id, spec)).toBe(id);
      await runtime.startContainer(id);
      await runtime.startContainer(id);
      expect(await runtime.createContainer(sandbox.id, { ...spec, attempt: 1 })).not.toBe(id);
      expect(await runtime.createContainer(sandbox.id, { ...spec, name: "side" })).not.toBe(id);
      const listed = (await runtime.listContainers()).filter((each) => each.sandbox === sandbox.id);
      expect(listed.map((each) => `${each.name}/${each.attempt}`).sort()).toEqual([
        "main/0",
        "main/1",
        "side/0",
      ]);
    });

    it("answers NotFound for what is not there, and nothing for stopping it", async () => {
      const spec = containerSpec({ type: "steady" });
      const gone = await pod();
      await runtime.removeSandbox(gone.id);
      await expect(runtime.createContainer(gone.id, spec)).rejects.toMatchObject({ code: "NotFound" });
      const id = "0".repeat(64) as ContainerId;
      await expect(runtime.startContainer(id)).rejects.toMatchObject({ code: "NotFound" });
      await expect(runtime.execSync(id, ["true"], 1000)).rejects.toMatchObject({ code: "NotFound" });
      expect(await runtime.inspectContainer(id)).toBeUndefined();
      await runtime.stopContainer(id, 0);
      await runtime.removeContainer(id);
    });

    it("refuses a program that does not exist", async () => {
      const sandbox = await pod();
      await expect(run(sandbox, { type: "missing" })).rejects.toMatchObject({
        code: "CreateContainerConfigError",
      });
    });

    it("stops with the stop signal and lets the program decide its exit code", async () => {
      const sandbox = await pod();
      const plain = await run(sandbox, { type: "steady" });
      const polite = await run(sandbox, { type: "exit-on-term", code: 7 }, { name: "polite" });
      await said(plain, "ready");
      await said(polite, "ready");
      await Promise.all([runtime.stopContainer(plain, 20_000), runtime.stopContainer(polite, 20_000)]);
      expect(await ended(plain)).toMatchObject({ exitCode: 143, reason: "Error" });
      expect(await ended(polite)).toMatchObject({ exitCode: 7, reason: "Error" });
      await runtime.stopContainer(plain, 1000);
    });

    it("kills what ignores the stop signal once the grace is over", async () => {
      const id = await run(await pod(), { type: "ignore-term" });
      await said(id, "ready");
      await runtime.stopContainer(id, 200);
      expect(await ended(id)).toMatchObject({ exitCode: 137 });
    });

    it("ends a pod's containers with its sandbox", async () => {
      const sandbox = await pod();
      const id = await run(sandbox, { type: "ignore-term" });
      await runtime.stopSandbox(sandbox.id);
      expect(await ended(id)).toMatchObject({ exitCode: 137 });
    });

    it("removes a running container, log and all, and nothing else of the pod", async () => {
      const sandbox = await pod();
      const id = await run(sandbox, { type: "steady" });
      const side = await run(sandbox, { type: "steady" }, { name: "side" });
      await runtime.removeContainer(id);
      await runtime.removeContainer(id);
      expect(await runtime.inspectContainer(id)).toBeUndefined();
      expect(await runtime.inspectContainer(side)).toMatchObject({ state: "running" });
    });

    it("keeps each attempt's output, in order, with stream and time", async () => {
      const sandbox = await pod();
      const texts = Array.from({ length: 200 }, (_, index) => `line ${index}`);
      const first = await run(sandbox, { type: "print", lines: texts, thenExit: 1 });
      await ended(first);
      const second = await run(sandbox, { type: "print", lines: ["!second"], thenExit: 0 }, { attempt: 1 });
      await ended(second);
      expect(await lines(first)).toEqual(texts);
      expect(await lines(first, { tailLines: 2 })).toEqual(texts.slice(-2));
      expect(await lines(first, { tailLines: 0 })).toEqual([]);
      expect(await lines(first, { limitBytes: 6 })).toEqual(["line 0"]);
      expect(await lines(first, { sinceMs: Date.now() + 60_000 })).toEqual([]);
      for await (const line of runtime.logs(second, { follow: false })) {
        expect(line.stream).toBe("stderr");
        expect(Math.abs(Date.now() - line.at)).toBeLessThan(60_000);
      }
      expect(await lines(second)).toEqual(["!second"]);
    });

    it("follows a log until the container ends or the reader has enough", async () => {
      const sandbox = await pod();
      const id = await run(sandbox, { type: "print", lines: ["one", "two"] });
      const stop = new AbortController();
      const seen: string[] = [];
      for await (const line of runtime.logs(id, { follow: true, signal: stop.signal })) {
        seen.push(Buffer.from(line.text).toString());
        if (seen.length === 2) stop.abort();
      }
      expect(seen).toEqual(["one", "two"]);
      const toTheEnd = lines(id, { follow: true });
      await runtime.stopContainer(id, 20_000);
      expect(await toTheEnd).toEqual(["one", "two"]);
    });

    it("lets a second driver take over: running containers, their ends, their logs", async () => {
      const sandbox = await pod();
      const steady = await run(sandbox, { type: "print", lines: ["before"] });
      const done = await run(sandbox, { type: "exit", code: 4 }, { name: "done" });
      const waiting = await runtime.createContainer(
        sandbox.id,
        containerSpec({ type: "exit", code: 6 }, { name: "waiting" }),
      );
      await said(steady, "before");
      await ended(done);
      await runtime.close();
      runtime = await harness.open("one");
      expect(await runtime.inspectContainer(steady)).toMatchObject({ state: "running", name: "main" });
      expect(await runtime.inspectContainer(done)).toMatchObject({ state: "exited", exitCode: 4 });
      expect((await runtime.listSandboxes()).find((each) => each.id === sandbox.id)).toMatchObject({
        pod: sandbox.pod,
        ready: true,
        ip: sandbox.ip,
      });
      await runtime.startContainer(waiting);
      expect(await ended(waiting)).toMatchObject({ exitCode: 6 });
      const events: RuntimeEvent[] = [];
      runtime.onEvent((event) => events.push(event));
      await runtime.stopContainer(steady, 20_000);
      expect(await ended(steady)).toMatchObject({ exitCode: 143 });
      await vi.waitFor(
        () => expect(events.some((event) => event.container === steady)).toBe(true),
        waitOptions,
      );
      expect(await lines(steady)).toEqual(["before"]);
    });

    it("sees nothing of another node's pods", async () => {
      const other = await another("two");
      const sandbox = await pod();
      const id = await run(sandbox, { type: "steady" });
      const foreign = await other.runSandbox(sandboxSpec({}, "two"));
      try {
        expect((await other.listSandboxes()).map((each) => each.id)).toEqual([foreign.id]);
        expect((await other.listContainers()).map((each) => each.id)).not.toContain(id);
        expect((await runtime.listSandboxes()).map((each) => each.id)).not.toContain(foreign.id);
      } finally {
        await other.removeSandbox(foreign.id);
      }
    });

    it("does many pods at a time", async () => {
      const ids = await Promise.all(
        Array.from({ length: 6 }, async () => run(await pod(), { type: "steady" })),
      );
      const running = (await runtime.listContainers()).filter((each) => each.state === "running");
      expect(running.map((each) => each.id)).toEqual(expect.arrayContaining(ids));
    });

    it("knows what a running container uses", async () => {
      const id = await run(await pod(), { type: "steady" });
      await said(id, "ready");
      expect((await runtime.usage(id))?.memoryBytes).toBeGreaterThan(0);
      await runtime.stopContainer(id, 0);
      expect(await runtime.usage(id)).toBeUndefined();
    });

    describe("with real programs", () => {
      const real = (title: string, test: () => Promise<void>): void => {
        it(title, async ({ skip }) => {
          if (!harness.real) skip();
          await test();
        });
      };

      real("passes environment, working directory and hostname", async () => {
        const spec = sandboxSpec();
        const script = 'echo "$GREETING"; pwd | grep -o "/work/here$"; echo "$HOSTNAME"';
        const id = await run(
          await pod(spec),
          { type: "shell", script },
          {
            environment: [{ name: "GREETING", value: "hello  $HOME 'x'" }],
            workingDirectory: "/work/here",
          },
        );
        await ended(id);
        expect(await lines(id)).toEqual(["hello  $HOME 'x'", "/work/here", spec.hostname]);
      });

      real("shares a volume between the containers of a pod", async () => {
        const hostPath = join(directory, "shared");
        mkdirSync(hostPath);
        writeFileSync(join(hostPath, "from-host"), "host\n");
        const mounts = [{ containerPath: "/data/volume", hostPath, readOnly: false }];
        const sandbox = await pod();
        const script = 'cat "$1/from-host"; echo written > /data/volume/from-container';
        const writer = await run(sandbox, { type: "shell", script, words: ["/data/volume"] }, { mounts });
        await ended(writer);
        const reader = await run(
          sandbox,
          { type: "shell", script: "cat from-container" },
          { name: "reader", mounts, workingDirectory: "/data/volume" },
        );
        await ended(reader);
        expect(await lines(writer)).toEqual(["host"]);
        expect(await lines(reader)).toEqual(["written"]);
        expect(readFileSync(join(hostPath, "from-container"), "utf8")).toBe("written\n");
      });

      real("refuses a mount of what is not there", async () => {
        const sandbox = await pod();
        const mounts = [{ containerPath: "/data", hostPath: join(directory, "absent"), readOnly: false }];
        await expect(run(sandbox, { type: "steady" }, { mounts })).rejects.toMatchObject({
          code: "CreateContainerConfigError",
        });
      });

      real("runs commands inside, to the end, with exit code and cut output", async () => {
        const id = await run(
          await pod(),
          { type: "steady" },
          { environment: [{ name: "X", value: "inside" }] },
        );
        expect(
          await runtime.execSync(id, ["sh", "-c", 'echo "$X"; echo err >&2; exit 5'], 10_000),
        ).toMatchObject({
          exitCode: 5,
          output: expect.stringContaining("inside\n"),
        });
        const flood = await runtime.execSync(id, ["sh", "-c", "seq 1 20000"], 10_000);
        expect(flood.exitCode).toBe(0);
        expect(flood.output.length).toBe(10 * 1024);
        await expect(runtime.execSync(id, ["sh", "-c", "sleep 60"], 100)).rejects.toMatchObject({
          code: "Timeout",
        });
        await runtime.stopContainer(id, 0);
        await expect(runtime.execSync(id, ["true"], 1000)).rejects.toMatchObject({
          code: "RunContainerError",
        });
      });

      real("streams a command's input and output", async () => {
        const id = await run(await pod(), { type: "steady" });
        const session = await runtime.exec(id, {
          command: ["sh", "-c", "cat; echo done >&2; exit 9"],
          stdin: true,
          tty: false,
        });
        const text = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
          const chunks: Uint8Array[] = [];
          for await (const chunk of stream) chunks.push(chunk);
          return Buffer.concat(chunks).toString();
        };
        const output = Promise.all([text(session.stdout), text(session.stderr)]);
        await session.write(Buffer.from("to the "));
        await session.write(Buffer.from("command\n"));
        session.endInput();
        expect(await output).toEqual(["to the command\n", "done\n"]);
        expect(await session.exitCode).toBe(9);
      });

      real("gives a command a terminal of the size asked for", async () => {
        const id = await run(await pod(), { type: "steady" });
        const session = await runtime.exec(id, {
          command: ["sh", "-c", "test -t 0 && echo terminal; read line; stty size; exit 2"],
          stdin: true,
          tty: true,
        });
        let output = "";
        for await (const chunk of session.stdout) {
          const before = output;
          output += Buffer.from(chunk).toString();
          if (before.includes("terminal") || !output.includes("terminal")) continue;
          await session.resize(91, 37);
          await session.write(Buffer.from("go\n"));
        }
        expect(output).toContain("37 91");
        expect(await session.exitCode).toBe(2);
      });

      real("keeps only so much of a long line in one piece and loses nothing of it", async () => {
        const script = "head -c 40000 /dev/zero | tr '\\0' x; echo; printf end";
        const id = await run(await pod(), { type: "shell", script });
        await ended(id);
        const pieces: { text: string; partial: boolean }[] = [];
        for await (const line of runtime.logs(id, { follow: false })) {
          pieces.push({ text: Buffer.from(line.text).toString(), partial: line.partial === true });
        }
        expect(pieces.map((piece) => piece.text).join("")).toBe(`${"x".repeat(40_000)}end`);
        expect(Math.max(...pieces.map((piece) => piece.text.length))).toBeLessThanOrEqual(16 * 1024);
        expect(pieces.map((piece) => piece.partial)).toEqual([true, true, false, true]);
        expect((await lines(id, { tailLines: 1 })).join("")).toBe("end");
      });

      real("ends with the main process what that has started", async () => {
        const pidFile = join(directory, "stray");
        mkdirSync(pidFile);
        const mounts = [{ containerPath: "/pids", hostPath: pidFile, readOnly: false }];
        const script = "(while :; do date +%s%N > /pids/beat; sleep 0.02; done) & sleep 0.1; exit 0";
        const id = await run(await pod(), { type: "shell", script }, { mounts });
        await ended(id);
        const beat = (): string => readFileSync(join(pidFile, "beat"), "utf8");
        await vi.waitFor(async () => {
          const before = beat();
          await new Promise((resolve) => setTimeout(resolve, 60));
          expect(beat()).toBe(before);
        }, waitOptions);
      });
    });
  });
}
