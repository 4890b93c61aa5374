// Writes the files of a volume so that a reader sees all of the old ones or all of the new ones, never a mixture: the
// files stand in a folder of their own, `..data` links to it, and one rename swaps that link. What users see are
// links through `..data`. The same layout as Kubernetes' AtomicWriter makes, which programs that watch for it expect.

import { createHash } from "node:crypto";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VolumeFile } from "./volume-files.ts";

const dataLink = "..data";
const nextLink = "..data_tmp";
const folderMode = 0o755;
/** Who may read, when the pod names a group for its volumes. */
const groupRead = 0o440;

/** Idempotent: the same files change nothing, whatever an agent that was killed in the middle has left. */
export async function writeAtomically(
  directory: string,
  files: readonly VolumeFile[],
  group?: number,
): Promise<void> {
  const folder = folderName(files, group);
  const current = await readlink(join(directory, dataLink)).catch(() => undefined);
  if (current !== folder) {
    await writeFolder(join(directory, folder), files, group);
    await rm(join(directory, nextLink), { force: true });
    await symlink(folder, join(directory, nextLink));
    await rename(join(directory, nextLink), join(directory, dataLink));
  }
  await linkNames(directory, new Set(files.map(({ path }) => path.split("/")[0] ?? path)));
  for (const name of await readdir(directory)) {
    if (name.startsWith("..") && name !== dataLink && name !== folder) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

/** Named after its content, so that an agent that starts anew sees what is there already. */
function folderName(files: readonly VolumeFile[], group: number | undefined): string {
  const hash = createHash("sha256").update(`${group ?? ""}`);
  for (const { path, mode, data } of files.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    hash.update(JSON.stringify([path, mode, data.length])).update(data);
  }
  return `..${hash.digest("hex").slice(0, 24)}`;
}

async function writeFolder(
  folder: string,
  files: readonly VolumeFile[],
  group: number | undefined,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The umask takes bits away from mkdir's and open's modes, not from chmod's.
  await chmod(folder, folderMode);
  for (const { path, data, mode } of files) {
    const file = join(folder, path);
    for (let parent = dirname(file); parent !== folder; parent = dirname(parent)) {
      await mkdir(parent, { recursive: true });
      await chmod(parent, folderMode);
    }
    await writeFile(file, data, { mode: 0o600 });
    if (group !== undefined) await chown(file, -1, group);
    await chmod(file, group === undefined ? mode : mode | groupRead);
  }
}

async function linkNames(directory: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    const target = join(dataLink, name);
    if ((await readlink(path).catch(() => undefined)) === target) continue;
    await rm(path, { recursive: true, force: true });
    await symlink(target, path);
  }
  for (const name of await readdir(directory)) {
    if (name.startsWith("..") || names.has(name)) continue;
    const found = await lstat(join(directory, name));
    if (found.isSymbolicLink()) await rm(join(directory, name), { force: true });
  }
}
