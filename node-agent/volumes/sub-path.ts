// A part of a volume for a mount's `subPath`, such that nothing in the volume can lead it out: containers write into
// volumes, and a link that they make must not open the host to them (CVE-2017-1002101, CVE-2021-25741).
// The path is resolved, checked to lie within the volume, and then opened step by step without following any link;
// where the agent is root, exactly what was opened is bound to a place that no container can change.

import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { failure, type Result, success } from "../../protocol/mod.ts";
import { bindMount, canMount, unmount } from "./mounts.ts";

// Not blocking: a pipe that a container left there must not hold the agent up.
const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants;

export interface SubPathRequest {
  /** Host path of the volume. */
  readonly volume: string;
  readonly subPath: string;
  /** Where to bind it; no container sees the folder that it stands in. */
  readonly place: string;
}

/** The host path to mount. Invalid when it would leave the volume. A path that is not there becomes a folder. */
export async function prepareSubPath({ volume, subPath, place }: SubPathRequest): Promise<Result<string>> {
  if (subPath.startsWith("/") || subPath.split("/").includes("..")) {
    return failure("Invalid", `subPath ${JSON.stringify(subPath)} must be a relative path without ".."`);
  }
  const opened: FileHandle[] = [];
  try {
    const root = await realpath(volume);
    const steps = await resolvedSteps(root, subPath);
    if (!steps) return failure("Invalid", `subPath ${JSON.stringify(subPath)} leads out of its volume`);
    let handle = await open(root, O_RDONLY | O_DIRECTORY);
    opened.push(handle);
    for (const step of steps) {
      handle = await openStep(handle, step);
      opened.push(handle);
    }
    if (!canMount()) return success(join(root, ...steps));
    await bind(handle, place);
    return success(place);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure("Invalid", `subPath ${JSON.stringify(subPath)} could not be prepared: ${message}`);
  } finally {
    for (const handle of opened.reverse()) await handle.close();
  }
}

/** Where the path leads once links are followed, as far as it exists; undefined when that is outside. */
async function resolvedSteps(root: string, subPath: string): Promise<readonly string[] | undefined> {
  const missing: string[] = [];
  let path = join(root, subPath);
  while (path !== root) {
    const found = await realpath(path).catch(() => undefined);
    if (found !== undefined) {
      if (found !== root && !found.startsWith(root + sep)) return undefined;
      return [...found.slice(root.length).split(sep).filter(Boolean), ...missing];
    }
    // A link into nowhere may be completed by whoever made it.
    if (await lstat(path).catch(() => undefined)) return undefined;
    missing.unshift(path.slice(dirname(path).length).replace(/^\//, ""));
    path = dirname(path);
  }
  return missing;
}

/** As openat(2) with O_NOFOLLOW: the parent is the folder that is open, wherever its path leads by now. */
async function openStep(parent: FileHandle, step: string): Promise<FileHandle> {
  const path = join(handlePath(parent), step);
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    await mkdir(path, { mode: 0o750 });
    return open(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
  }
}

const handlePath = (handle: FileHandle): string => `/proc/${process.pid}/fd/${handle.fd}`;

async function bind(handle: FileHandle, place: string): Promise<void> {
  const isFolder = (await handle.stat()).isDirectory();
  await unmount(place);
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  if (isFolder) await mkdir(place, { recursive: true });
  else await writeFile(place, "", { flag: "a" });
  await bindMount(handlePath(handle), place);
}
