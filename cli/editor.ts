// The user's editor on a file of our own, for process-io: the program that $BERTH_EDITOR, $KUBE_EDITOR or $EDITOR names.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "./errors.ts";
import type { Editor } from "./io.ts";

export function processEditor(env: Readonly<Record<string, string | undefined>>): Editor {
  const program = env["BERTH_EDITOR"] || env["KUBE_EDITOR"] || env["EDITOR"] || "vi";
  return {
    async edit(text, form) {
      const folder = await mkdtemp(join(tmpdir(), "berth-edit-"));
      try {
        const file = join(folder, `edit.${form}`);
        await writeFile(file, text, { mode: 0o600 });
        await run(program, file);
        return await readFile(file, "utf8");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async keep(text, form) {
      const file = join(await mkdtemp(join(tmpdir(), "berth-edit-")), `edit.${form}`);
      await writeFile(file, text, { mode: 0o600 });
      return file;
    },
  };
}

/** Through a shell, because the variable may hold options too: `code --wait`. */
function run(program: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", `${program} "$1"`, "sh", file], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new UsageError(
            `the editor ${JSON.stringify(program)} ended with ${signal ?? `exit code ${code}`}; set $EDITOR to another`,
          ),
        );
    });
  });
}
