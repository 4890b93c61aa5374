// An agent killed with SIGKILL: its containers go on, the next agent finds them, their ends and their logs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import {
  type ContainerId,
  type ContainerRuntime,
  type ContainerSpec,
  createProcessRuntime,
} from "../../../node-agent/runtime/mod.ts";
import { testContainer } from "../../../node-agent/testkit/runtime-fixture.ts";
import { RuntimePods, waitOptions } from "../../../node-agent/testkit/runtime-pods.ts";

const agent = fileURLToPath(new URL("./agent-to-kill.ts", import.meta.url));

describe("a process runtime whose agent was killed", () => {
  let directory: string;
  let runtime: ContainerRuntime | undefined;
  const pods = new RuntimePods(() => (runtime ??= open()));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "berth-adoption-"));
  });
  afterEach(async () => {
    runtime ??= open();
    for (const sandbox of await runtime.listSandboxes()) await runtime.removeSandbox(sandbox.id);
    await runtime.close();
    runtime = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (): ContainerRuntime =>
    createProcessRuntime({
      cluster: "adoption",
      node: "one",
      directory: join(directory, "runtime"),
      world: createSystemWorld(silentLogger),
    });
  const container = (name: string, script: string): ContainerSpec =>
    testContainer({ name, image: "any", command: ["sh", "-c", script] });
  /** Starts the containers from an agent that is then killed, and answers their ids. */
  const startAndKill = async <Specs extends readonly ContainerSpec[]>(
    ...specs: Specs
  ): Promise<{ readonly [Key in keyof Specs]: ContainerId }> => {
    const child = spawn(process.execPath, [agent, join(directory, "runtime"), JSON.stringify(specs)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ids: ContainerId[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "ready") break;
      ids.push(line as ContainerId);
    }
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    expect(ids).toHaveLength(specs.length);
    return ids as { readonly [Key in keyof Specs]: ContainerId };
  };
  const pidOf = (name: string): number =>
    Number(readFileSync(join(containerBase(name), "run", "main"), "utf8").split(" ")[0]);
  const containerBase = (name: string): string => {
    const containers = join(directory, "runtime", "sandboxes", "pod-uid.0", "containers");
    const found = readdirSync(containers).find((each) => each.includes(`.${name}.`));
    return join(containers, found ?? "");
  };

  it("goes on with running containers and sees what happened meanwhile", async () => {
    const go = join(directory, "go");
    const waiting = `while ! test -e ${go}; do sleep 0.02; done`;
    const [steady, failing, killed] = await startAndKill(
      container(
        "steady",
        `echo one; ${waiting}; echo two; trap 'exit 9' TERM; while :; do sleep 1 & wait; done`,
      ),
      container("failing", `echo before; ${waiting}; echo last words; exit 3`),
      container("killed", `${waiting}; kill -9 $$`),
    );
    const steadyPid = pidOf("steady");
    writeFileSync(go, "");
    await vi.waitFor(() => {
      for (const name of ["failing", "killed"]) {
        expect(existsSync(join(containerBase(name), "run", "exit"))).toBe(true);
      }
      expect(readFileSync(join(containerBase("steady"), "raw", "stdout.raw"), "utf8")).toContain("two");
    }, waitOptions);

    runtime = open();
    expect(await runtime.inspectContainer(steady)).toMatchObject({ state: "running" });
    expect(await pods.ended(failing)).toMatchObject({ exitCode: 3, reason: "Error" });
    expect(await pods.ended(killed)).toMatchObject({ exitCode: 137, reason: "Error" });
    expect(await pods.lines(failing)).toEqual(["before", "last words"]);
    await vi.waitFor(async () => expect(await pods.lines(steady)).toEqual(["one", "two"]), waitOptions);
    expect(pidOf("steady")).toBe(steadyPid);
    await runtime.stopContainer(steady, 20_000);
    expect(await pods.ended(steady)).toMatchObject({ exitCode: 9 });
    expect(await pods.lines(steady)).toEqual(["one", "two"]);
  });

  it("does not take a process that has the pid by chance for its container, nor touch it", async () => {
    const [id] = await startAndKill(container("main", "while :; do sleep 1 & wait; done"));
    const base = containerBase("main");
    // The wrapper records itself first, and the program a moment later.
    await vi.waitFor(() => expect(existsSync(join(base, "run", "main"))).toBe(true), waitOptions);
    const wrapper = Number(readFileSync(join(base, "run", "wrapper"), "utf8").split(" ")[0]);
    process.kill(-wrapper, "SIGKILL");
    const stranger = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
    try {
      await once(stranger, "spawn");
      for (const name of ["wrapper", "main"]) {
        const [, , boot = ""] = readFileSync(join(base, "run", name), "utf8")
          .trim()
          .split(" ");
        writeFileSync(join(base, "run", name), `${stranger.pid} 1 ${boot}\n`);
      }
      runtime = open();
      expect(await pods.ended(id)).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
      await runtime.stopContainer(id, 0);
      for (const sandbox of await runtime.listSandboxes()) await runtime.removeSandbox(sandbox.id);
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill("SIGKILL");
    }
  });

  it("takes a container recorded before a restart of the host for ended", async () => {
    const [id] = await startAndKill(container("main", "while :; do sleep 1 & wait; done"));
    const base = containerBase("main");
    const wrapper = Number(readFileSync(join(base, "run", "wrapper"), "utf8").split(" ")[0]);
    for (const name of ["wrapper", "main"]) {
      const [pid = "", start = ""] = readFileSync(join(base, "run", name), "utf8")
        .trim()
        .split(" ");
      writeFileSync(join(base, "run", name), `${pid} ${start} another-boot\n`);
    }
    runtime = open();
    expect(await pods.ended(id)).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
    process.kill(-wrapper, "SIGKILL");
  });
});
