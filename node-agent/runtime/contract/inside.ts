// What a program sees from inside its container, and commands run beside it. For drivers that run real programs.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { ContractBench } from "./bench.ts";
import { waitOptions } from "../../testkit/runtime-pods.ts";

export function describeInside(bench: ContractBench): void {
  const { real } = bench.harness;
  it.skipIf(!real)("passes environment, working directory and hostname", async () => {
    const spec = bench.sandboxSpec();
    const script = 'echo "$GREETING"; pwd | grep -o "/srv/app$"; echo "$HOSTNAME"';
    const id = await bench.run(
      await bench.pod(spec),
      { type: "shell", script },
      {
        environment: [{ name: "GREETING", value: "hello  $HOME 'x'" }],
        workingDirectory: "/srv/app",
      },
    );
    await bench.ended(id);
    expect(await bench.lines(id)).toEqual(["hello  $HOME 'x'", "/srv/app", spec.hostname]);
  });

  it.skipIf(!real)("shares a volume between the containers of a pod", async () => {
    const hostPath = join(bench.directory, "shared");
    mkdirSync(hostPath);
    writeFileSync(join(hostPath, "from-host"), "host\n");
    const mounts = [{ containerPath: "/data/volume", hostPath, readOnly: false }];
    const sandbox = await bench.pod();
    const script = 'cat "$1/from-host"; echo written > /data/volume/from-container';
    const writer = await bench.run(sandbox, { type: "shell", script, words: ["/data/volume"] }, { mounts });
    await bench.ended(writer);
    const reader = await bench.run(
      sandbox,
      { type: "shell", script: "cat from-container" },
      { name: "reader", mounts, workingDirectory: "/data/volume" },
    );
    await bench.ended(reader);
    expect(await bench.lines(writer)).toEqual(["host"]);
    expect(await bench.lines(reader)).toEqual(["written"]);
    expect(readFileSync(join(hostPath, "from-container"), "utf8")).toBe("written\n");
  });

  it.skipIf(!real)("refuses a mount of what is not there", async () => {
    const sandbox = await bench.pod();
    const mounts = [{ containerPath: "/data", hostPath: join(bench.directory, "absent"), readOnly: false }];
    await expect(bench.run(sandbox, { type: "steady" }, { mounts })).rejects.toMatchObject({
      code: "CreateContainerConfigError",
    });
  });

  it.skipIf(!real)("runs commands inside, to the end, with exit code and cut output", async () => {
    const id = await bench.run(
      await bench.pod(),
      { type: "steady" },
      { environment: [{ name: "X", value: "inside" }] },
    );
    expect(
      await bench.runtime.execSync(id, ["sh", "-c", 'echo "$X"; echo err >&2; exit 5'], 10_000),
    ).toMatchObject({
      exitCode: 5,
      output: expect.stringContaining("inside\n"),
    });
    const flood = await bench.runtime.execSync(id, ["sh", "-c", "seq 1 20000"], 10_000);
    expect(flood.exitCode).toBe(0);
    expect(flood.output.length).toBe(10 * 1024);
    await expect(bench.runtime.execSync(id, ["sh", "-c", "sleep 60"], 100)).rejects.toMatchObject({
      code: "Timeout",
    });
    await bench.runtime.stopContainer(id, 0);
    await expect(bench.runtime.execSync(id, ["true"], 1000)).rejects.toMatchObject({
      code: "RunContainerError",
    });
  });

  it.skipIf(!real)("streams a command's input and output", async () => {
    const id = await bench.run(await bench.pod(), { type: "steady" });
    const session = await bench.runtime.exec(id, {
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

  it.skipIf(!real)("gives a command a terminal of the size asked for", async () => {
    const id = await bench.run(await bench.pod(), { type: "steady" });
    const session = await bench.runtime.exec(id, {
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

  it.skipIf(!real)("ends with the main process what that has started", async () => {
    const hostPath = join(bench.directory, "stray");
    mkdirSync(hostPath);
    const mounts = [{ containerPath: "/pids", hostPath, readOnly: false }];
    const script = "(while :; do date +%s%N > /pids/beat; sleep 0.02; done) & sleep 0.1; exit 0";
    const id = await bench.run(await bench.pod(), { type: "shell", script }, { mounts });
    await bench.ended(id);
    // Beats come every 20 ms and looks every 10 ms: fifty equal looks in a row, and it has stopped.
    let last = "";
    let equal = 0;
    await vi.waitFor(() => {
      const beat = readFileSync(join(hostPath, "beat"), "utf8");
      equal = beat === last ? equal + 1 : 0;
      last = beat;
      expect(equal).toBeGreaterThan(50);
    }, waitOptions);
  });
}
