// Commands run inside a container through the engine: streams, terminal size, exit code, an end when it takes too long.

import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import type { Clock } from "../../../actors/mod.ts";
import { ExecOutput } from "../exec-output.ts";
import { type ContainerId, type ExecSession, RuntimeError } from "../runtime.ts";
import { statusOf, toRuntimeError } from "./engine.ts";
import { readFrames } from "./frames.ts";

export interface ExecOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** The engine knows the exit code a moment after the streams end: asked again so often, with such a pause. */
const exitPolls = 100;
const exitPollMs = 10;

export async function startExec(
  docker: Dockerode,
  id: ContainerId,
  options: ExecOptions,
  clock: Clock,
): Promise<ExecSession> {
  const { exec, socket } = await begin(docker, id, options);
  const channels = outputsOf(socket, options.tty);
  const exitCode = Promise.withResolvers<number>();
  // Streams that nobody reads would never end: the end of the connection counts.
  socket.once("close", () => {
    exitOf(exec, clock).then(exitCode.resolve, exitCode.reject);
  });
  exitCode.promise.catch(() => undefined);
  socket.on("error", () => socket.destroy());
  return {
    ...channels,
    exitCode: exitCode.promise,
    write: (data) => writeAll(socket, data),
    endInput: () => void socket.end(),
    async resize(columns, rows) {
      if (options.tty) await exec.resize({ w: columns, h: rows }).catch(() => undefined);
    },
    close() {
      void kill(exec, id).finally(() => socket.destroy());
    },
  };
}

/** A terminal has one output; without one the engine puts both into frames. */
export const outputsOf = (socket: Duplex, tty: boolean): Pick<ExecSession, "stdout" | "stderr"> =>
  tty ? { stdout: raw(socket), stderr: nothing() } : split(socket);

/** Resolves when there is room for more. */
export async function writeAll(socket: Duplex, data: Uint8Array): Promise<void> {
  if (!socket.writable || socket.write(data)) return;
  await new Promise<void>((resolve) => socket.once("drain", resolve).once("close", resolve));
}

async function begin(
  docker: Dockerode,
  id: ContainerId,
  options: ExecOptions,
): Promise<{ exec: Dockerode.Exec; socket: Duplex }> {
  try {
    const exec = await docker.getContainer(id).exec({
      Cmd: [...options.command],
      AttachStdin: options.stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: options.tty,
    });
    const socket = await exec.start({ hijack: true, stdin: true, Tty: options.tty });
    if (!options.stdin) socket.end();
    return { exec, socket };
  } catch (error) {
    if (statusOf(error) === 409) {
      throw new RuntimeError("RunContainerError", `container ${id} is not running`, { cause: error });
    }
    throw toRuntimeError(error, `exec in container ${id}`, "RunContainerError");
  }
}

async function exitOf(exec: Dockerode.Exec, clock: Clock): Promise<number> {
  for (let poll = 0; poll < exitPolls; poll += 1) {
    const info = await exec.inspect();
    if (!info.Running && info.ExitCode !== null) return info.ExitCode;
    await clock.sleep(exitPollMs);
  }
  throw new RuntimeError("Timeout", "the command's streams have ended, but the engine knows no exit code");
}

/**
 * The engine has no call that ends an exec. It tells the pid on its host; where that is this host (the process's
 * control group names the container), it can be killed. Elsewhere it runs on until the container ends.
 */
async function kill(exec: Dockerode.Exec, id: ContainerId): Promise<void> {
  try {
    const info = await exec.inspect();
    if (!info.Running || !info.Pid) return;
    if (readFileSync(`/proc/${info.Pid}/cgroup`, "utf8").includes(id)) process.kill(info.Pid, "SIGKILL");
  } catch {
    // Gone already, or not here.
  }
}

async function* raw(socket: Duplex): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of socket) if (chunk instanceof Uint8Array) yield chunk;
  } catch {
    // The connection was closed while being read: the session is over.
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Two readers of one connection: a frame waits in the queue of its stream until it is read. */
function split(socket: Duplex): Pick<ExecSession, "stdout" | "stderr"> {
  const queues = { stdout: new ChunkQueue(), stderr: new ChunkQueue() };
  const pump = async (): Promise<void> => {
    try {
      for await (const frame of readFrames(socket)) await queues[frame.stream].push(frame.data);
    } catch {
      // As above.
    } finally {
      queues.stdout.end();
      queues.stderr.end();
      socket.destroy();
    }
  };
  void pump();
  return { stdout: queues.stdout.read(), stderr: queues.stderr.read() };
}

/** Bytes that wait for a slow reader before the connection is held back. */
const queueLimitBytes = 1024 * 1024;

class ChunkQueue {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  async push(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#signal();
    while (this.#bytes > queueLimitBytes && !this.#ended) await this.#changed.promise;
  }

  end(): void {
    this.#ended = true;
    this.#signal();
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#bytes -= chunk.length;
        this.#signal();
        yield chunk;
      } else if (this.#ended) {
        return;
      } else {
        await this.#changed.promise;
      }
    }
  }

  #signal(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }
}

/** Runs to the end; output of both streams is cut. Rejects with Timeout, and kills the command then. */
export async function execToEnd(
  docker: Dockerode,
  id: ContainerId,
  command: readonly string[],
  limit: { readonly timeoutMs: number; readonly clock: Clock },
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const session = await startExec(docker, id, { command, stdin: false, tty: false }, limit.clock);
  const timeout = Promise.withResolvers<never>();
  const cancel = limit.clock.after(limit.timeoutMs, () => {
    const message = `command "${command[0] ?? ""}" did not end within ${limit.timeoutMs} ms`;
    timeout.reject(new RuntimeError("Timeout", message));
  });
  const output = new ExecOutput();
  const all = Promise.all([session.exitCode, output.collect(session)]);
  try {
    const [exitCode] = await Promise.race([all, timeout.promise]);
    return { exitCode, output: output.text };
  } catch (error) {
    all.catch(() => undefined);
    session.close();
    throw error;
  } finally {
    cancel();
  }
}
