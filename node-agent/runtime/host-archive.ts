// Files in and out of where processes run on the host's own file system: packed and unpacked here.

import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, readlink, realpath, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header, pack, type Pack } from "tar-stream";
import { type PathInfo, RuntimeError } from "./runtime.ts";

export async function hostPathInfo(path: string): Promise<PathInfo | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return undefined;
  const type = stats.isDirectory()
    ? "directory"
    : stats.isSymbolicLink()
      ? "symlink"
      : stats.isFile()
        ? "file"
        : "other";
  return { type, sizeBytes: stats.size };
}

export async function* readHostArchive(path: string): AsyncGenerator<Uint8Array> {
  if (!(await hostPathInfo(path))) throw new RuntimeError("NotFound", `${path}: no such file or directory`);
  const archive = pack();
  const packing = packPath(archive, path, basename(resolve(path)) || ".").then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
  await packing;
}

/** A file, a directory with all below it, or a link as a link. Sockets, pipes and devices are left out. */
export async function packPath(archive: Pack, path: string, name: string): Promise<void> {
  const stats = await lstat(path);
  const { mode, mtime, uid, gid } = stats;
  const header = { name, mode: mode & 0o7777, mtime, uid, gid };
  if (stats.isDirectory()) {
    archive.entry({ ...header, name: `${name}/`, type: "directory" });
    for (const child of (await readdir(path)).toSorted()) {
      await packPath(archive, join(path, child), `${name}/${child}`);
    }
  } else if (stats.isSymbolicLink()) {
    archive.entry({ ...header, type: "symlink", linkname: await readlink(path) });
  } else if (stats.isFile()) {
    await pipeline(createReadStream(path), archive.entry({ ...header, size: stats.size }));
  }
}

export async function writeHostArchive(directory: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  const root = await realpath(directory).catch(() => undefined);
  if (root === undefined) throw new RuntimeError("NotFound", `${directory}: no such directory`);
  const entries = extract();
  const feeding = pipeline(Readable.from(archive, { objectMode: false }), entries);
  feeding.catch(() => undefined);
  for await (const entry of entries) {
    await unpackEntry(root, entry.header, entry);
    entry.resume();
  }
  await feeding;
}

async function unpackEntry(root: string, header: Header, content: AsyncIterable<unknown>): Promise<void> {
  const path = resolve(root, header.name);
  await refuseOutside(root, dirname(path), header.name);
  const mode = (header.mode ?? 0o644) & 0o777;
  if (header.type === "directory") await mkdir(path, { recursive: true, mode });
  else if (header.type === "symlink" && header.linkname) {
    await rm(path, { force: true });
    await symlink(header.linkname, path);
  } else if (header.type === "file") {
    await mkdir(dirname(path), { recursive: true });
    // A link that stands in its place is replaced, never followed.
    await rm(path, { force: true });
    await pipeline(content, createWriteStream(path, { mode, flags: "wx" }));
  }
}

/** Neither by `..` nor by a link on the way. */
async function refuseOutside(root: string, parent: string, name: string): Promise<void> {
  let place = parent;
  for (;;) {
    const real = await realpath(place).catch(() => undefined);
    if (real !== undefined) {
      if (real === root || real.startsWith(root === sep ? sep : `${root}${sep}`)) return;
      throw new RuntimeError("CreateContainerConfigError", `${name} leads outside of ${root}`);
    }
    place = dirname(place);
  }
}
