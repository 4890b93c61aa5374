// Local files as a tar, and a tar as local files: what comes from a container never leaves the place it was copied to.

import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, readlink, realpath, rm } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header, pack, type Pack } from "tar-stream";

export interface PackOptions {
  /** Owner and permissions stay behind. */
  readonly anonymous: boolean;
}

/** A file or directory under another name: `name` stands for what is at `path`. Links stay links. */
export async function* packLocal(
  path: string,
  name: string,
  options: PackOptions,
): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const packing = add(archive, path, name, options).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
  await packing;
}

async function add(archive: Pack, path: string, name: string, options: PackOptions): Promise<void> {
  const stats = await lstat(path);
  const { mode, mtime, uid, gid } = stats;
  const owned = options.anonymous ? { uid: 0, gid: 0 } : { mode: mode & 0o7777, uid, gid };
  const header = { name, mtime, ...owned };
  if (stats.isDirectory()) {
    archive.entry({ ...header, name: `${name}/`, type: "directory" });
    for (const child of (await readdir(path)).toSorted()) {
      await add(archive, join(path, child), `${name}/${child}`, options);
    }
  } else if (stats.isSymbolicLink()) {
    archive.entry({ ...header, type: "symlink", linkname: await readlink(path) });
  } else if (stats.isFile()) {
    await pipeline(createReadStream(path), archive.entry({ ...header, size: stats.size }));
  }
}

/**
 * Unpacks below `target`, whose name takes the place of the tar's first name. Links are passed over with a warning, as
 * kubectl does; a name that leads outside, by `..` or by a link that stands on the way, is refused.
 */
export async function unpackLocal(
  archive: AsyncIterable<Uint8Array>,
  target: string,
  warn: (text: string) => Promise<void>,
): Promise<void> {
  const entries = extract();
  const feeding = pipeline(Readable.from(archive, { objectMode: false }), entries);
  feeding.catch(() => undefined);
  const place = resolve(target);
  for await (const entry of entries) {
    const { header } = entry;
    const inner = header.name.split("/").slice(1).join("/");
    const path = resolve(place, inner);
    if (path !== place && !path.startsWith(place + sep)) {
      await warn(`tar contents include ${JSON.stringify(header.name)}, which leads outside; skipped`);
    } else await unpack(header, entry, { path, place, warn });
    entry.resume();
  }
  await feeding;
}

async function unpack(
  header: Header,
  content: AsyncIterable<unknown>,
  {
    path,
    place,
    warn,
  }: { readonly path: string; readonly place: string; readonly warn: (text: string) => Promise<void> },
): Promise<void> {
  if (!(await staysWithin(place, path))) {
    return warn(`${header.name} would be written through a link to outside of ${place}; skipped`);
  }
  if (header.type === "directory") await mkdir(path, { recursive: true });
  else if (header.type === "file") {
    await mkdir(dirname(path), { recursive: true });
    // A link in its place is replaced, never followed.
    await rm(path, { force: true });
    const mode = (header.mode ?? 0o644) & 0o777;
    await pipeline(content, createWriteStream(path, { mode, flags: "wx" }));
  } else {
    const target = header.linkname ? ` -> ${JSON.stringify(header.linkname)}` : "";
    await warn(`skipping ${header.type ?? "entry"} ${JSON.stringify(header.name)}${target}`);
  }
}

/** What is there of the way to `path` leads to nothing outside of `place`. */
async function staysWithin(place: string, path: string): Promise<boolean> {
  if (path === place) return true;
  const root = await realpath(place).catch(() => undefined);
  if (root === undefined) return true;
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    const real = await realpath(parent).catch(() => undefined);
    if (real !== undefined) return real === root || real.startsWith(root + sep);
  }
}
