// One connection to a port of a pod, for a client elsewhere.

import { connect, type Socket } from "node:net";
import type { StreamFrame, StreamRequest } from "../../protocol/mod.ts";
import { RuntimeError } from "../runtime/runtime.ts";
import type { StreamContext } from "./open-stream.ts";

type PortRequest = Extract<StreamRequest, { readonly kind: "port-forward" }>;

/** Rejects with NotFound when nothing listens there. */
export async function forwardPort(
  { port }: PortRequest,
  { runtime, container, stream }: StreamContext,
): Promise<void> {
  // What the client sends before the connection stands waits for it, in order.
  const opening = Promise.withResolvers<Socket>();
  opening.promise.catch(() => undefined);
  stream.input = async (frame) => toSocket(await opening.promise, frame);
  const sandboxes = await runtime.listSandboxes();
  const ip = sandboxes.find(({ id }) => id === container.sandbox)?.ip;
  if (!ip) throw new RuntimeError("NotFound", "the pod has no address");
  const socket = connect({ host: ip, port, allowHalfOpen: true });
  const close = (): void => void socket.destroy();
  stream.signal.addEventListener("abort", close, { once: true });
  await connected(socket, `${ip}:${port}`);
  opening.resolve(socket);
  try {
    for await (const data of socket) {
      if (data instanceof Uint8Array && !(await stream.channel.write("stdout", data))) break;
    }
  } catch {
    // A connection that was reset has ended.
  }
  socket.destroy();
  stream.channel.end({ exitCode: 0 });
}

async function toSocket(socket: Socket, frame: StreamFrame): Promise<void> {
  if (frame.type === "end-of-input") socket.end();
  else if (frame.type === "data" && socket.writable && !socket.write(frame.data)) {
    await new Promise<void>((resolve) => socket.once("drain", resolve).once("close", resolve));
  }
}

function connected(socket: Socket, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => {
      socket.off("error", refused);
      socket.on("error", () => socket.destroy());
      resolve();
    });
    const refused = (error: Error): void =>
      reject(new RuntimeError("NotFound", `nothing answers at ${where}: ${error.message}`));
    socket.once("error", refused);
  });
}
