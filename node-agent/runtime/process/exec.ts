// Commands run beside a container's process: same environment, same directory, a process group of their own.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import type { Clock } from "../../../actors/mod.ts";
import { ExecOutput } from "../exec-output.ts";
import { type ExecSession, RuntimeError } from "../runtime.ts";
import type { CommandPlan } from "./command-line.ts";
import { findExecutable } from "./executable.ts";
import { sendSignal } from "./process-table.ts";

type Place = Pick<CommandPlan, "cwd" | "environment">;

/** Starts `argv`; rejects with RunContainerError when there is no such program. */
export async function startExec(
  argv: readonly string[],
  place: Place,
  options: { readonly stdin: boolean; readonly tty: boolean },
): Promise<ExecSession> {
  const [program = "", ...rest] = options.tty ? withTerminal(argv) : checked(argv, place);
  const child = spawn(program, rest, {
    cwd: place.cwd,
    env: options.tty ? { TERM: "xterm", ...place.environment } : place.environment,
    detached: true,
    stdio: [options.stdin || options.tty ? "pipe" : "ignore", "pipe", "pipe"],
  });
  await spawned(child);
  return sessionOf(child, options.tty);
}

function checked(argv: readonly string[], place: Place): readonly string[] {
  const [program = ""] = argv;
  if (findExecutable(program, place.environment["PATH"] ?? "", place.cwd)) return argv;
  throw new RuntimeError("RunContainerError", `exec: no executable file "${program}" on this host`);
}

/** Node makes no pseudo-terminals; util-linux's `script` does, and passes the exit code on. */
function withTerminal(argv: readonly string[]): readonly string[] {
  const script = findExecutable("script", "/usr/bin:/bin", "/");
  if (!script || process.platform !== "linux") {
    throw new RuntimeError("Unsupported", "a terminal needs the program `script` (util-linux) on this host");
  }
  const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return [script, "-q", "-e", "-f", "-c", `exec ${quoted}`, "/dev/null"];
}

async function spawned(child: ChildProcess): Promise<void> {
  const outcome = Promise.withResolvers<void>();
  child.once("spawn", outcome.resolve);
  child.once("error", (error) =>
    outcome.reject(new RuntimeError("RunContainerError", `exec: ${error.message}`, { cause: error })),
  );
  await outcome.promise;
}

function sessionOf(child: ChildProcess, tty: boolean): ExecSession {
  const exit = Promise.withResolvers<number>();
  child.once("close", (code, signal) => exit.resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  child.stdin?.on("error", () => {
    // The command closed its input; what it says by its exit code counts.
  });
  return {
    stdout: bytesOf(child.stdout),
    stderr: bytesOf(child.stderr),
    exitCode: exit.promise,
    async write(data) {
      const { stdin } = child;
      if (!stdin?.writable) return;
      if (!stdin.write(data))
        await new Promise<void>((resolve) => stdin.once("drain", resolve).once("close", resolve));
    },
    endInput: () => child.stdin?.end(),
    resize: (columns, rows) => (tty ? resize(child, columns, rows) : Promise.resolve()),
    close() {
      if (child.exitCode === null && child.signalCode === null && child.pid)
        sendSignal(-child.pid, "SIGKILL");
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  };
}

async function* bytesOf(stream: Readable | null): AsyncGenerator<Uint8Array> {
  if (!stream) return;
  try {
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
  } catch {
    // Closed while being read: the session is over.
  }
}

/** Sets the size of the terminal that the child of `script` sits at. */
async function resize(child: ChildProcess, columns: number, rows: number): Promise<void> {
  const terminal = child.pid === undefined ? undefined : terminalOf(child.pid);
  if (terminal === undefined) return;
  await new Promise<void>((resolve) => {
    execFile("stty", ["-F", terminal, "cols", String(columns), "rows", String(rows)], () => resolve());
  });
}

function terminalOf(pid: number): string | undefined {
  try {
    const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    const terminal = readlinkSync(`/proc/${child}/fd/0`);
    return terminal.startsWith("/dev/pts/") ? terminal : undefined;
  } catch {
    return undefined;
  }
}

/** Runs to the end; output of both streams is cut. Rejects with Timeout, and kills the command then. */
export async function execToEnd(
  argv: readonly string[],
  place: Place,
  timeoutMs: number,
  clock: Clock,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const session = await startExec(argv, place, { stdin: false, tty: false });
  const timeout = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => {
    timeout.reject(
      new RuntimeError("Timeout", `command "${argv[0] ?? ""}" did not end within ${timeoutMs} ms`),
    );
  });
  const output = new ExecOutput();
  const collected = output.collect(session);
  try {
    const exitCode = await Promise.race([session.exitCode, timeout.promise]);
    await collected;
    return { exitCode, output: output.text };
  } finally {
    cancel();
    session.close();
  }
}
