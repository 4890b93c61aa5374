// Files in and out of containers through the engine's archive calls: no program in the container takes part.

import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { type ContainerId, type PathInfo, RuntimeError } from "../runtime.ts";
import { statusOf, toRuntimeError } from "./engine.ts";

/** Bits of Go's file modes, in which the engine answers. */
const goDirectory = 2 ** 31;
const goSymlink = 2 ** 27;
const goOther = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21 + 2 ** 19;

export async function pathInfo(
  docker: Dockerode,
  id: ContainerId,
  path: string,
): Promise<PathInfo | undefined> {
  try {
    const answer: unknown = await docker.getContainer(id).infoArchive({ path });
    const headers = (answer as { readonly headers?: Readonly<Record<string, string>> }).headers ?? {};
    const text = Buffer.from(headers["x-docker-container-path-stat"] ?? "", "base64").toString("utf8");
    const { mode, size } = JSON.parse(text) as { readonly mode: number; readonly size: number };
    return { type: typeOf(mode), sizeBytes: size };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw toRuntimeError(error, `looking at ${path}`, "RunContainerError");
  }
}

function typeOf(mode: number): PathInfo["type"] {
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  if (has(goDirectory)) return "directory";
  if (has(goSymlink)) return "symlink";
  return Number(BigInt(mode) & BigInt(goOther)) === 0 ? "file" : "other";
}

export async function* readArchive(
  docker: Dockerode,
  id: ContainerId,
  path: string,
): AsyncGenerator<Uint8Array> {
  let archive: AsyncIterable<unknown>;
  try {
    const stream: NodeJS.ReadableStream = await docker.getContainer(id).getArchive({ path });
    archive = stream;
  } catch (error) {
    if (statusOf(error) === 404) throw notThere(path, error);
    throw toRuntimeError(error, `reading ${path}`, "RunContainerError");
  }
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
}

export async function writeArchive(
  docker: Dockerode,
  id: ContainerId,
  directory: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await docker.getContainer(id).putArchive(Readable.from(archive, { objectMode: false }), {
      path: directory,
      noOverwriteDirNonDir: "true",
    });
  } catch (error) {
    if (statusOf(error) === 404) throw notThere(directory, error);
    throw toRuntimeError(error, `writing to ${directory}`, "RunContainerError");
  }
}

const notThere = (path: string, cause: unknown): RuntimeError =>
  new RuntimeError("NotFound", `${path}: no such file or directory in the container`, { cause });
