// The folder of a cluster on this machine: one running `berth dev` at a time, and how the CLI finds it.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface DataFolder {
  /** The cluster's own files; Docker and processes do not share them. */
  readonly directory: string;
  readonly binaries: string;
  /** Marks what is ours on this host; different for every folder. */
  readonly cluster: string;
  /** Tells `berth` in this folder and below where the cluster is. */
  announce(server: string, prefix: string): void;
  release(): void;
}

/** Marks what belongs to the cluster in this folder. */
export const clusterName = (path: string, runtime: string): string =>
  `berth-${createHash("sha256")
    .update(join(resolve(path), runtime))
    .digest("hex")
    .slice(0, 8)}`;

/** Throws when another `berth dev` uses the folder. */
export function openDataFolder(path: string, runtime: string): DataFolder {
  const base = resolve(path);
  const directory = join(base, runtime);
  mkdirSync(directory, { recursive: true });
  const lock = join(directory, "dev.pid");
  takeLock(lock, base);
  const current = join(base, "current.json");
  return {
    directory,
    binaries: join(base, "bin"),
    cluster: clusterName(path, runtime),
    announce: (server, prefix) => {
      writeFileSync(current, `${JSON.stringify({ server, prefix, user: "admin" })}\n`);
    },
    release: () => {
      rmSync(current, { force: true });
      rmSync(lock, { force: true });
    },
  };
}

function takeLock(lock: string, base: string): void {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const holder = Number(readFileSync(lock, "utf8"));
  if (isAlive(holder)) {
    throw new Error(
      `a cluster already runs in ${base} (process ${holder}).\n` +
        `Look at it with: npx berth status\nOr start another one with: npm start -- --data <folder>`,
    );
  }
  // Its process was killed: the lock is nobody's.
  writeFileSync(lock, String(process.pid));
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
