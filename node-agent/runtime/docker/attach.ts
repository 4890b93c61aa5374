// Attaching to a container's main process through the engine.

import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import { type AttachOptions, type ContainerId, type ExecSession, RuntimeError } from "../runtime.ts";
import { statusOf, toRuntimeError } from "./engine.ts";
import { outputsOf, writeAll } from "./exec.ts";

export async function attachTo(
  docker: Dockerode,
  id: ContainerId,
  { stdin, replay }: AttachOptions,
): Promise<ExecSession> {
  const container = docker.getContainer(id);
  const { socket, tty, once } = await open(container, stdin, replay);
  const exitCode = Promise.withResolvers<number>();
  socket.on("error", () => socket.destroy());
  socket.once("close", () => {
    // The end of the connection is the container's end, or ours: the engine knows which.
    container
      .inspect()
      .then(({ State }) => exitCode.resolve(State.Running ? 0 : State.ExitCode), exitCode.reject);
  });
  exitCode.promise.catch(() => undefined);
  return {
    ...outputsOf(socket, tty),
    exitCode: exitCode.promise,
    write: (data) => writeAll(socket, data),
    // With an input that stays open for others, the engine would end the output with our part of it.
    endInput: () => void (stdin && once && socket.end()),
    resize: async (columns, rows) => {
      if (tty) await container.resize({ w: columns, h: rows }).catch(() => undefined);
    },
    close: () => void socket.destroy(),
  };
}

async function open(
  container: Dockerode.Container,
  stdin: boolean,
  replay: boolean,
): Promise<{ readonly socket: Duplex; readonly tty: boolean; readonly once: boolean }> {
  try {
    const { Config, State } = await container.inspect();
    if (!State.Running)
      throw new RuntimeError("RunContainerError", `container ${container.id} is not running`);
    if (stdin && !Config.OpenStdin) {
      const message = "the container has no input: its spec says nothing of stdin: true";
      throw new RuntimeError("Unsupported", message);
    }
    const socket = await container.attach({
      stream: true,
      stdin,
      stdout: true,
      stderr: true,
      logs: replay,
      ...(stdin && { hijack: true }),
    });
    return { socket: socket as Duplex, tty: Config.Tty, once: Config.StdinOnce };
  } catch (error) {
    if (statusOf(error) === 409) {
      throw new RuntimeError("RunContainerError", `container ${container.id} is not running`, {
        cause: error,
      });
    }
    throw toRuntimeError(error, `attaching to container ${container.id}`, "RunContainerError");
  }
}
