// Runs the `nft` program. A script is one transaction: all of it or nothing.

import { spawn } from "node:child_process";

const scriptTimeoutMs = 10_000;

export async function runNft(script: string): Promise<void> {
  if (script.trim() === "") return;
  const child = spawn("nft", ["-f", "-"], { stdio: ["pipe", "ignore", "pipe"], timeout: scriptTimeoutMs });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${script}\n`);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0)
    throw new Error(`nft refused a change: ${complaint.trim().split("\n").slice(0, 3).join("; ")}`);
}

/** Whether this process may change nftables here: the program is there and the kernel lets us. */
export async function nftablesUsable(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const probe = "table ip berth_probe {}\ndelete table ip berth_probe";
  return runNft(probe).then(
    () => true,
    () => false,
  );
}
