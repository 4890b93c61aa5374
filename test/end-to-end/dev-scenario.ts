// `berth dev`, the program behind `npm start`: unattended, and with a person who presses Ctrl-C and comes back.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { clusterName } from "../../cli/daemons/dev/data-folder.ts";
import { expectNothingLeft } from "../support/cluster.ts";
import { findNatsServer } from "../support/nats-server.ts";

export interface DevHooks {
  readonly runtime: "docker" | "process";
  /** Second octet of the addresses, so that suites do not share them. */
  readonly octet: number;
  prepare(): Promise<void>;
}

const root = join(import.meta.dirname, "..", "..");

export function describeDev({ runtime, octet, prepare }: DevHooks): void {
  describe(`berth dev on the ${runtime} runtime`, () => {
    let data: string;
    const base = runtime === "process" ? "127" : "10";

    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), "berth-dev-"));
      await prepare();
    });
    afterAll(async () => {
      await rm(data, { recursive: true, force: true });
    });

    /** As `npm start` runs it, through the script that works on an old Node. */
    function start(...flags: string[]): {
      child: ChildProcess;
      output: () => string;
      ended: Promise<number | null>;
    } {
      const ranges = [
        "--pod-cidr",
        `${base}.${octet}.0.0/16`,
        "--service-cidr",
        `${base}.${octet + 1}.0.0/16`,
      ];
      const args = ["deploy/setup/run.js", "cli/main.ts", "dev", "--runtime", runtime, "--data", data];
      const child = spawn(process.execPath, [...args, "--port", "0", ...ranges, ...flags], {
        cwd: root,
        // A data folder of its own has no nats-server yet, and a test installs nothing.
        env: { ...process.env, BERTH_NATS_SERVER: findNatsServer() },
        // A group of its own: a signal to the group is what a terminal's Ctrl-C is.
        detached: true,
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (output += chunk));
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      return { child, output: () => output, ended };
    }
    const nothingLeft = () => expectNothingLeft(data, clusterName(data, runtime));
    const pressCtrlC = (child: ChildProcess): void => void process.kill(-(child.pid ?? 0), "SIGINT");
    const entriesOnDisk = async (): Promise<number> =>
      (await readFile(join(data, runtime, "guestbook", "entries.jsonl"), "utf8")).trim().split("\n").length;

    test("--once verifies every step, exits 0 and leaves nothing behind", async () => {
      const { output, ended } = start("--once");
      expect(await ended, output()).toBe(0);
      for (const step of [
        "nodes",
        "the guestbook is ready",
        "wrote entry 1",
        "read it 30 times",
        "took its place",
      ]) {
        expect(output()).toContain(step);
      }
      await nothingLeft();
    });

    test("the next start finds its data, and Ctrl-C ends it without a trace", async () => {
      const before = await entriesOnDisk();
      const { child, output, ended } = start();
      await vi.waitFor(() => expect(output()).toContain("The cluster is up"), {
        timeout: 90_000,
        interval: 100,
      });
      expect(output()).toContain("unchanged");
      expect(output()).toContain(`wrote entry ${before + 1} `);
      pressCtrlC(child);
      await ended;
      expect(output()).toContain("nothing is left running");
      await nothingLeft();
    });

    test("Ctrl-C in the middle of the start ends it without a trace", async () => {
      const { child, output, ended } = start();
      await vi.waitFor(() => expect(output()).toContain("nats-server"), { timeout: 60_000, interval: 20 });
      pressCtrlC(child);
      await ended;
      await nothingLeft();
    });
  });
}
