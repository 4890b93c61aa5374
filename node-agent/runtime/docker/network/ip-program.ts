// Runs the `ip` program, here and in the network namespace of a process. Starting a program holds this whole process
// up until the kernel has begun it, so what belongs together is one start.

import { spawn } from "node:child_process";

const timeoutMs = 10_000;
const outputLimit = 4 * 1024 * 1024;

/** Answers what it prints; rejects with its complaint. */
export const runIp = (args: readonly string[]): Promise<string> => run("ip", args);

/** The second runs even if the first fails: it misses what the first should have brought, and says so. */
const linkScript = `
printf '%s' "$1" | ip -batch -
printf '%s' "$2" | nsenter --net="$3" ip -batch -
`;

export interface LinkCommands {
  /** One a line. The first that fails ends them, and that alone is no failure: a link may be there already. */
  readonly here: readonly string[];
  /** In the network namespace of this process. */
  readonly pid: number;
  readonly inside: readonly string[];
}

export async function runLinkCommands({ here, pid, inside }: LinkCommands): Promise<void> {
  const lines = (commands: readonly string[]): string => commands.map((command) => `${command}\n`).join("");
  await run("sh", ["-c", linkScript, "sh", lines(here), lines(inside), `/proc/${pid}/ns/net`]);
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  let [said, complaint] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    if (said.length < outputLimit) said += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return said;
  throw new Error(`${program}: ${complaint.trim() || `exit code ${code}`}`);
}
