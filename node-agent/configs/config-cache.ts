// Keeps contents of config maps and (sealed) secrets between lives of the agent: a file each, or only in memory.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigContent, decode, encode, parseMessage } from "../../protocol/mod.ts";

export interface ConfigCache {
  load(key: string): Promise<ConfigContent | undefined>;
  save(key: string, content: ConfigContent): Promise<void>;
  retain(keys: ReadonlySet<string>): Promise<void>;
}

/** A broken file is no file: the leader is asked again. */
export function configFiles(directory: string): ConfigCache {
  const nameOf = (key: string): string =>
    `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.config`;
  return {
    async load(key) {
      const bytes = await readFile(join(directory, nameOf(key))).catch(() => undefined);
      // Not a Buffer: what is in it must not depend on where it came from.
      const decoded = bytes && decode(new Uint8Array(bytes));
      if (!decoded?.ok) return undefined;
      const reply = parseMessage("config-reply", decoded.value);
      return reply.ok && reply.value.ok ? reply.value.content : undefined;
    },
    async save(key, content) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, nameOf(key));
      await writeFile(`${path}.new`, encode({ ok: true, version: 1, content }), { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
    async retain(keys) {
      const kept = new Set([...keys].map(nameOf));
      for (const name of await readdir(directory).catch(() => [])) {
        if (name.endsWith(".config") && !kept.has(name)) await rm(join(directory, name), { force: true });
      }
    },
  };
}

export function memoryConfigs(): ConfigCache {
  const contents = new Map<string, ConfigContent>();
  return {
    load: (key) => Promise.resolve(contents.get(key)),
    save: (key, content) => Promise.resolve(void contents.set(key, content)),
    retain(keys) {
      for (const key of contents.keys()) if (!keys.has(key)) contents.delete(key);
      return Promise.resolve();
    },
  };
}
