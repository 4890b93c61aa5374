// How much disk a folder takes: blocks of every file below it, a file with several names once, links not followed.

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const blockBytes = 512;

/** What vanishes meanwhile counts for nothing. */
export async function diskUsage(path: string, seen = new Set<string>()): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return 0;
  const identity = `${found.dev}:${found.ino}`;
  if (found.nlink > 1 && !found.isDirectory()) {
    if (seen.has(identity)) return 0;
    seen.add(identity);
  }
  let bytes = found.blocks * blockBytes;
  if (!found.isDirectory()) return bytes;
  for (const name of await readdir(path).catch(() => [])) bytes += await diskUsage(join(path, name), seen);
  return bytes;
}
