// Runs one command line in this process: what a shell would start, without its start, for tests of many commands.

import { runCli } from "../../cli/run.ts";
import type { Ran } from "./run-program.ts";

export async function runCommand(argv: readonly string[]): Promise<Ran> {
  const written = { out: "", err: "" };
  const sink = (name: "out" | "err") => ({
    isTTY: false,
    write: (data: string | Uint8Array) => {
      written[name] += typeof data === "string" ? data : Buffer.from(data).toString();
      return Promise.resolve();
    },
  });
  const code = await runCli(argv, {
    stdin: {
      isTTY: false,
      setRawMode: () => undefined,
      async *[Symbol.asyncIterator]() {
        // There is no input.
      },
    },
    stdout: sink("out"),
    stderr: sink("err"),
    env: { NO_COLOR: "1" },
    cwd: import.meta.dirname,
    editor: {
      edit: () => Promise.reject(new Error("there is no editor")),
      keep: () => Promise.reject(new Error("there is no editor")),
    },
    interrupted: new AbortController().signal,
    size: () => undefined,
    onResize: () => () => undefined,
  });
  return { code, ...written };
}
