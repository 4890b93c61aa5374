// Logs of a container and commands run in one, on top of byte streams.

import { BerthError, type StreamOptions } from "../protocol/mod.ts";
import { defaultNamespace } from "./listing.ts";
import type { CallOptions, Requester, Target } from "./requester.ts";
import { ByteStream, type StreamChunk } from "./stream.ts";

export interface LogOptions extends CallOptions {
  readonly namespace?: string;
  /** Default: the pod's only container, or the one that `kubectl.kubernetes.io/default-container` names. */
  readonly container?: string;
  readonly follow?: boolean;
  /** Output of the container's last run before this one. */
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** Each line begins with its time in RFC 3339. */
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
}

export interface ExecOptions extends CallOptions {
  readonly namespace?: string;
  readonly container?: string;
  /** Passes `write` on to the command; without it the command's input is empty. */
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

export const podTarget = (
  verb: "get" | "create",
  namespace: string | undefined,
  name: string,
  sub: string,
): Target => ({
  verb,
  group: "core",
  resource: "pods",
  namespace: namespace ?? defaultNamespace,
  name,
  subresource: sub,
});

export interface AttachOptions extends ExecOptions {
  /** Also what was written before. */
  readonly replay?: boolean;
}

/** Bytes as they were written, both outputs in order. Ends when the log does, or with `follow` when the container has ended. */
export async function* openLogs(
  requester: Requester,
  pod: string,
  options: LogOptions,
): AsyncGenerator<StreamChunk, void, void> {
  const { namespace, timeoutMs, signal, stale: _stale, commandId: _id, ...stream } = options;
  const target = podTarget("get", namespace, pod, "log");
  const call = { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal && { signal }) };
  try {
    const opened = await ByteStream.open(requester, target, stream, call);
    yield* opened.chunks();
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** A command that runs in a container. Reading `output` moves it on: an unread one stops at the window. */
export interface ExecSession {
  readonly container: string;
  readonly output: AsyncIterable<StreamChunk>;
  /** Resolves once `output` has been read to its end; rejects as `output` does. */
  readonly exitCode: Promise<number>;
  write(data: Uint8Array): Promise<void>;
  endInput(): void;
  resize(columns: number, rows: number): void;
  close(): void;
}

export async function openExec(
  requester: Requester,
  pod: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecSession> {
  const { namespace, container, stdin = false, tty = false } = options;
  const stream: Omit<StreamOptions, "id"> = { command, stdin, tty, ...(container && { container }) };
  const target = podTarget("create", namespace, pod, "exec");
  return sessionOf(await ByteStream.open(requester, target, stream, options));
}

/** The container's main process: its output from now on, and its input where its spec has `stdin`. */
export async function openAttach(
  requester: Requester,
  pod: string,
  options: AttachOptions,
): Promise<ExecSession> {
  const { namespace, container, stdin = false, tty = false, replay } = options;
  const stream: Omit<StreamOptions, "id"> = {
    stdin,
    tty,
    ...(container && { container }),
    ...(replay && { replay }),
  };
  const target = podTarget("create", namespace, pod, "attach");
  return sessionOf(await ByteStream.open(requester, target, stream, options));
}

function sessionOf(opened: ByteStream): ExecSession {
  const { promise: exitCode, resolve, reject } = Promise.withResolvers<number>();
  // Whoever only reads the output learns of a failure there.
  exitCode.catch(() => {});
  async function* output(): AsyncGenerator<StreamChunk, void, void> {
    try {
      const end = yield* opened.chunks();
      if (end.exitCode !== undefined) resolve(end.exitCode);
      else throw new BerthError({ code: "Internal", message: "the command ended without an exit code" });
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      reject(new BerthError({ code: "Disconnected", message: "the output was not read to its end" }));
    }
  }
  return {
    container: opened.container,
    output: output(),
    exitCode,
    write: (data) => opened.write(data),
    endInput: () => opened.endInput(),
    resize: (columns, rows) => opened.resize(columns, rows),
    close: () => opened.close(),
  };
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end and collects what it wrote; at most `maxOutputBytes` of each output. */
export const maxOutputBytes = 16 * 1024 * 1024;
export async function runExec(session: ExecSession, input?: Uint8Array): Promise<ExecResult> {
  const parts: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  const bytes = { stdout: 0, stderr: 0 };
  const writing = (async () => {
    if (input) await session.write(input);
    session.endInput();
  })();
  for await (const { channel, data } of session.output) {
    bytes[channel] += data.length;
    if (bytes[channel] > maxOutputBytes) {
      session.close();
      throw new BerthError({
        code: "TooLarge",
        message: `the command wrote more than ${maxOutputBytes} bytes`,
      });
    }
    parts[channel].push(data);
  }
  await writing;
  return {
    exitCode: await session.exitCode,
    stdout: Buffer.concat(parts.stdout).toString("utf8"),
    stderr: Buffer.concat(parts.stderr).toString("utf8"),
  };
}
