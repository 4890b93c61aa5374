// Gives a pod's fsGroup what is in a volume, as Kubernetes does: the group may read and write everything, and what is
// made inside belongs to it. Data that was there before may be much, and may hold links that somebody laid as traps.

import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { failure, type Result, success } from "../../protocol/mod.ts";
import { canMount } from "./mounts.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
const groupReadsAndWrites = 0o660;
/** With set-group-id. */
const groupEnters = 0o2770;

export interface GroupShare {
  readonly group: number;
  /** Nothing is looked at inside when the volume's own directory is the group's already. */
  readonly onRootMismatch: boolean;
}

/** Nothing happens where the agent is not root: it could not give files away. */
export async function shareWithGroup(
  path: string,
  { group, onRootMismatch }: GroupShare,
): Promise<Result<void>> {
  if (!canMount()) return success(undefined);
  try {
    const root = await open(path, O_RDONLY | O_DIRECTORY);
    try {
      const { gid, mode } = await root.stat();
      if (onRootMismatch && gid === group && (mode & groupEnters) === groupEnters) return success(undefined);
      await shareDirectory(root, group);
      return success(undefined);
    } finally {
      await root.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure("Internal", `it could not be given to group ${group}: ${message}`);
  }
}

/** What is inside first: a walk that was cut short is begun again, as the root still differs. */
async function shareDirectory(directory: FileHandle, group: number): Promise<void> {
  // Each step goes through the folder that is open, wherever its path leads by now.
  const base = `/proc/${process.pid}/fd/${directory.fd}`;
  for (const name of await readdir(base)) {
    const path = join(base, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isDirectory() && !found?.isFile()) continue;
    const inner = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
    if (!inner) continue;
    try {
      const { mode, gid } = await inner.stat();
      if (found.isDirectory()) await shareDirectory(inner, group);
      else await give(inner, { gid, mode, group, wanted: groupReadsAndWrites });
    } finally {
      await inner.close();
    }
  }
  const { mode, gid } = await directory.stat();
  await give(directory, { gid, mode, group, wanted: groupEnters });
}

const permissions = 0o7777;

async function give(
  handle: FileHandle,
  { gid, mode, group, wanted }: { gid: number; mode: number; group: number; wanted: number },
): Promise<void> {
  if (gid !== group) await handle.chown((await handle.stat()).uid, group);
  // Giving a file away takes its set-id bits, so these are put back.
  if (gid !== group || (mode & wanted) !== wanted) await handle.chmod((mode & permissions) | wanted);
}
