// One text in one file, replaced whole: written beside, synced, renamed, and the directory synced too.

import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { RecordStore } from "./agent-host.ts";

export function recordFile(directory: string, name: string): RecordStore {
  const path = join(directory, name);
  const beside = `${path}.new`;
  return {
    async load() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(text) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = await open(beside, "w", 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
      const folder = await open(directory, "r");
      // Some file systems refuse to sync a directory; the rename is ordered there anyway.
      await folder.sync().catch(() => {});
      await folder.close();
    },
  };
}
