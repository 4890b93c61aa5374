// Runs one of the project's programs as a user does, to its end.

import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function runProgram(
  program: string,
  args: readonly string[],
  input = "",
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", join(root, program), ...args],
      {
        env: { ...process.env, NO_COLOR: "1", ...env },
      },
    );
    let out = "";
    let err = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (err += data.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
    // It may refuse before it has read everything.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
