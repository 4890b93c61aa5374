// What is left of memory, disk and process ids on this machine: from /proc and the file systems themselves.

import { readFile, statfs } from "node:fs/promises";
import type { Signal, Signals } from "./signals.ts";

export interface SignalPaths {
  /** The agent's folder: logs and volumes of pods. */
  readonly directory: string;
  /** Where the runtime keeps images and what containers write; absent where it keeps none. */
  readonly images?: string | undefined;
}

export async function nodeSignals({ directory, images }: SignalPaths): Promise<Signals> {
  const [memory, nodefs, imagefs, pids] = await Promise.all([
    memorySignal(),
    fileSystem(directory),
    images === undefined ? undefined : fileSystem(images),
    pidSignal(),
  ]);
  return {
    ...(memory && { "memory.available": memory }),
    ...(nodefs && { "nodefs.available": nodefs.bytes }),
    ...(nodefs?.inodes && { "nodefs.inodesFree": nodefs.inodes }),
    ...(imagefs && { "imagefs.available": imagefs.bytes }),
    ...(imagefs?.inodes && { "imagefs.inodesFree": imagefs.inodes }),
    ...(pids && { "pid.available": pids }),
  };
}

/** Page cache that can be dropped counts as available. */
async function memorySignal(): Promise<Signal | undefined> {
  const text = await textOf("/proc/meminfo");
  const bytesOf = (name: string): number | undefined => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  const available = bytesOf("MemAvailable");
  const capacity = bytesOf("MemTotal");
  return available === undefined || capacity === undefined ? undefined : { available, capacity };
}

/** File systems without a fixed number of inodes (btrfs) say 0, and never run out of them. */
async function fileSystem(path: string): Promise<{ bytes: Signal; inodes: Signal | undefined } | undefined> {
  const found = await statfs(path).catch(() => undefined);
  if (!found) return undefined;
  const { bsize, bavail, blocks, ffree, files } = found;
  return {
    bytes: { available: bavail * bsize, capacity: blocks * bsize },
    inodes: files > 0 ? { available: ffree, capacity: files } : undefined,
  };
}

/** Threads count, as each takes a process id. */
async function pidSignal(): Promise<Signal | undefined> {
  const running = /^\S+ \S+ \S+ \d+\/(\d+)/.exec(await textOf("/proc/loadavg"))?.[1];
  const limits = await Promise.all(
    ["/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max"].map(async (path) =>
      Number(await textOf(path)),
    ),
  );
  const capacity = Math.min(...limits.filter((limit) => limit > 0));
  if (running === undefined || !Number.isFinite(capacity)) return undefined;
  return { available: Math.max(0, capacity - Number(running)), capacity };
}

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
