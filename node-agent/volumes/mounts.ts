// Mounting and unmounting tmpfs and parts of volumes, and finding what is mounted below a directory (/proc/self/mountinfo).

import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { sep } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const mountTimeoutMs = 10_000;

/** Only root on Linux; elsewhere a volume in memory is a plain directory. */
export const canMount = (): boolean => process.platform === "linux" && process.getuid?.() === 0;

/** Idempotent: what is mounted there stays. */
export async function mountTmpfs(path: string, sizeBytes: number | undefined): Promise<void> {
  if ((await mountPoints()).includes(await realpath(path))) return;
  const size = sizeBytes === undefined ? [] : [`size=${sizeBytes}`];
  const options = ["mode=1777", "nosuid", "nodev", ...size].join(",");
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { timeout: mountTimeoutMs });
}

/** `source` is taken as it is: a path that stands for an open file is not resolved again. */
export async function bindMount(source: string, path: string): Promise<void> {
  await run("mount", ["--no-canonicalize", "--bind", source, path], { timeout: mountTimeoutMs });
}

/** Nothing mounted there is fine. */
export async function unmount(path: string): Promise<void> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !canMount() || !(await mountPoints()).includes(real)) return;
  await run("umount", ["-l", real], { timeout: mountTimeoutMs });
}

/** Deepest first. What is still in use is detached lazily: its pod is gone. */
export async function unmountBelow(directory: string): Promise<void> {
  if (!canMount()) return;
  const root = await realpath(directory);
  const inside = (await mountPoints()).filter((path) => path.startsWith(root + sep));
  for (const path of inside.toSorted((a, b) => b.length - a.length)) {
    await run("umount", ["-l", path], { timeout: mountTimeoutMs });
  }
}

async function mountPoints(): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const path = line.split(" ")[4];
    return path === undefined ? [] : [unescapeOctal(path)];
  });
}
/** The kernel writes white space and backslashes as \040 and so on. */
const unescapeOctal = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
