// Runs a command in a container for a client, or joins its main process: both outputs to frames, frames to its input, its exit code at the end.

import type { StreamFrame, StreamRequest } from "../../protocol/mod.ts";
import type { ExecSession } from "../runtime/runtime.ts";
import type { FrameChannel } from "./frame-channel.ts";
import type { StreamContext } from "./open-stream.ts";

type ExecRequest = Extract<StreamRequest, { readonly kind: "exec" | "attach" }>;

export async function runExec(request: ExecRequest, context: StreamContext): Promise<void> {
  const { stream } = context;
  const { stdin } = request;
  // Input that comes before the command runs waits for it, in order.
  const opening = Promise.withResolvers<ExecSession>();
  opening.promise.catch(() => {});
  stream.input = async (frame) => toInput(await opening.promise, frame, stdin);
  let session: ExecSession;
  try {
    session = await begin(request, context);
  } catch (error) {
    opening.reject(error);
    throw error;
  }
  opening.resolve(session);
  const close = (): void => session.close();
  if (stream.signal.aborted) close();
  stream.signal.addEventListener("abort", close, { once: true });
  await Promise.all([
    toClient(stream.channel, "stdout", session.stdout),
    toClient(stream.channel, "stderr", session.stderr),
  ]);
  stream.channel.end({ exitCode: await session.exitCode });
}

function begin(request: ExecRequest, { runtime, container }: StreamContext): Promise<ExecSession> {
  const { stdin, tty } = request;
  if (request.kind === "attach") {
    return runtime.attach(container.id, { stdin, tty, replay: request.replay === true });
  }
  return runtime.exec(container.id, { command: request.command, stdin, tty });
}

async function toClient(
  channel: FrameChannel,
  name: "stdout" | "stderr",
  output: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const data of output) if (!(await channel.write(name, data))) return;
}

async function toInput(session: ExecSession, frame: StreamFrame, wanted: boolean): Promise<void> {
  if (frame.type === "data" && wanted) await session.write(frame.data);
  else if (frame.type === "end-of-input") session.endInput();
  else if (frame.type === "resize") await session.resize(frame.columns, frame.rows);
}
