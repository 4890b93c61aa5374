// Runs the `ip` program, here or in the network namespace of a process.

import { spawn } from "node:child_process";

const timeoutMs = 10_000;
const outputLimit = 4 * 1024 * 1024;

/** Answers what it prints; rejects with its complaint. */
export const runIp = (args: readonly string[]): Promise<string> => run("ip", args, "");

/** Commands, one a line, in the namespace of this process; the first that fails ends them. */
export const batchIp = (commands: readonly string[], pid?: number): Promise<string> =>
  pid === undefined
    ? run("ip", ["-batch", "-"], commands.join("\n"))
    : run("nsenter", [`--net=/proc/${pid}/ns/net`, "ip", "-batch", "-"], commands.join("\n"));

async function run(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], timeout: timeoutMs });
  let [said, complaint] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    if (said.length < outputLimit) said += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${input}\n`);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return said;
  throw new Error(`${program} ${args.join(" ")}: ${complaint.trim() || `exit code ${code}`}`);
}
