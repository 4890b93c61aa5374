// This process' streams, environment and signals as an Io. The only place of the command line that touches `process`.

import { processEditor } from "./editor.ts";
import { exitCodes, type Io, type Sink, type Source } from "./io.ts";

/** The daemons end by signals of their own; everything else by the interrupt that this gives to it. */
const daemons: ReadonlySet<string> = new Set(["dev", "master", "agent"]);

export function processIo(): Io {
  const interrupt = new AbortController();
  if (!daemons.has(process.argv[2] ?? "")) {
    process.on("SIGINT", () => {
      // Whoever asks twice does not want to wait for an orderly end.
      if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
      interrupt.abort(new Error("interrupted"));
    });
  }
  return {
    stdin: stdinSource(),
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    editor: processEditor(process.env),
    interrupted: interrupt.signal,
    size: () =>
      process.stdout.isTTY ? { columns: process.stdout.columns, rows: process.stdout.rows } : undefined,
    onResize: (listener) => {
      process.stdout.on("resize", listener);
      return () => process.stdout.off("resize", listener);
    },
  };
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // The reader has gone (`berth get pods | head -1`): what we print is not wanted any more.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
  });
  return {
    isTTY: stream.isTTY === true,
    write: (data) =>
      new Promise((resolve) => void (data.length === 0 ? resolve() : stream.write(data, () => resolve()))),
  };
}

function stdinSource(): Source {
  return {
    get isTTY() {
      return process.stdin.isTTY === true;
    },
    setRawMode: (on) => void (process.stdin.isTTY && process.stdin.setRawMode(on)),
    async *[Symbol.asyncIterator]() {
      for await (const chunk of process.stdin) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    },
  };
}
