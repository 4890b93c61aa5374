// Files of a container, as tar archives, and connections to a pod's ports, on top of byte streams.

import { BerthError, type StreamOptions } from "../protocol/mod.ts";
import { podTarget } from "./pod-streams.ts";
import type { CallOptions, Requester } from "./requester.ts";
import { ByteStream } from "./stream.ts";

export interface FileOptions extends CallOptions {
  readonly namespace?: string;
  /** Default: the pod's first container. */
  readonly container?: string;
}

export interface PathInfo {
  readonly type: "file" | "directory" | "symlink" | "other";
  readonly sizeBytes: number;
}

type Archive = NonNullable<StreamOptions["archive"]>;

function open(
  requester: Requester,
  pod: string,
  archive: Archive,
  { namespace, container, ...call }: FileOptions,
): Promise<ByteStream> {
  const target = podTarget("create", namespace, pod, "archive");
  return ByteStream.open(requester, target, { archive, ...(container && { container }) }, call);
}

/** What stands at a path; undefined for nothing. */
export async function pathInfo(
  requester: Requester,
  pod: string,
  path: string,
  options: FileOptions,
): Promise<PathInfo | undefined> {
  const opened = await open(requester, pod, { operation: "stat", path }, options);
  const parts: Uint8Array[] = [];
  for await (const { data } of opened.chunks()) parts.push(data);
  const text = Buffer.concat(parts).toString("utf8");
  if (text === "") return undefined;
  const { type, sizeBytes } = JSON.parse(text) as Partial<PathInfo>;
  if (type === undefined || sizeBytes === undefined) {
    throw new BerthError({ code: "Internal", message: `the node told nothing of ${path} that can be read` });
  }
  return { type, sizeBytes };
}

/** A tar whose first entry is what stands at the path, under its own name. Rejects with NotFound. */
export async function* readArchive(
  requester: Requester,
  pod: string,
  path: string,
  options: FileOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const opened = await open(requester, pod, { operation: "read", path }, options);
  for await (const { data } of opened.chunks()) yield data;
}

/** Unpacks a tar into a directory that is there. Rejects with NotFound. */
export async function writeArchive(
  requester: Requester,
  pod: string,
  { directory, archive }: { readonly directory: string; readonly archive: AsyncIterable<Uint8Array> },
  options: FileOptions,
): Promise<void> {
  const opened = await open(requester, pod, { operation: "write", path: directory }, options);
  const sending = (async (): Promise<void> => {
    for await (const chunk of archive) await opened.write(chunk);
    opened.endInput();
  })();
  sending.catch(() => opened.close());
  // Only its end counts: nothing is written back.
  for await (const chunk of opened.chunks()) void chunk;
  await sending;
}

/** One connection to a port of a pod. */
export interface PodConnection {
  readonly output: AsyncIterable<Uint8Array>;
  write(data: Uint8Array): Promise<void>;
  endInput(): void;
  close(): void;
}

/** `output` rejects with NotFound when nothing listens there. */
export async function openPort(
  requester: Requester,
  pod: string,
  port: number,
  { namespace, ...call }: Omit<FileOptions, "container">,
): Promise<PodConnection> {
  const target = podTarget("create", namespace, pod, "portforward");
  const opened = await ByteStream.open(requester, target, { port }, call);
  async function* output(): AsyncGenerator<Uint8Array, void, void> {
    for await (const { data } of opened.chunks()) yield data;
  }
  return {
    output: output(),
    write: (data) => opened.write(data),
    endInput: () => opened.endInput(),
    close: () => opened.close(),
  };
}
