// A terminal and a cluster by script: runs whole command lines in this process.

import { tmpdir } from "node:os";
import type { ScriptedApi, Script } from "../../client/testkit/scripted-api.ts";
import { scriptedCluster, startAt } from "../../client/testkit/scripted-cluster.ts";
import type { ConnectOptions } from "../../client/mod.ts";
import type { Io, Sink } from "../io.ts";
import { runCli } from "../run.ts";

export interface TerminalOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly isTTY?: boolean;
  /** What the user makes of each text that the editor shows, in turn. */
  readonly edits?: readonly ((text: string) => string)[];
  /** Stays open, as a terminal's input does. */
  readonly stdinOpen?: boolean;
}

export interface Terminal {
  readonly api: ScriptedApi;
  readonly world: ReturnType<typeof scriptedCluster>["world"];
  readonly connected: ConnectOptions[];
  readonly out: () => string;
  readonly err: () => string;
  /** Raw mode as it was switched. */
  readonly rawModes: boolean[];
  /** Starts a command line; the promise needs the world to move on. */
  readonly start: (argv: readonly string[]) => Promise<number>;
  /** Runs one to its end. */
  readonly run: (argv: readonly string[]) => Promise<number>;
  readonly interrupt: () => void;
  /** What was kept when an edit failed. */
  readonly kept: string[];
}

/** The script may use the api that it is given, for watches and streams. */
export function terminal(
  script: (api: ScriptedApi) => Script,
  {
    stdin = "",
    env = {},
    cwd = tmpdir(),
    isTTY = false,
    stdinOpen = false,
    edits = [],
  }: TerminalOptions = {},
): Terminal {
  const holder: { script: Script } = { script: () => "silence" };
  const { world, api, client, settled } = scriptedCluster((asked) => holder.script(asked));
  holder.script = script(api);
  const written = { out: "", err: "" };
  const sink = (name: "out" | "err"): Sink => ({
    isTTY,
    write: async (data) => {
      written[name] += typeof data === "string" ? data : Buffer.from(data).toString("utf8");
    },
  });
  const interrupt = new AbortController();
  const connected: ConnectOptions[] = [];
  const rawModes: boolean[] = [];
  const kept: string[] = [];
  const editing = edits.values();
  const io: Io = {
    stdin: {
      isTTY,
      setRawMode: (on) => void rawModes.push(on),
      async *[Symbol.asyncIterator]() {
        if (stdin.length > 0) yield typeof stdin === "string" ? Buffer.from(stdin) : stdin;
        if (stdinOpen) await new Promise(() => {});
      },
    },
    stdout: sink("out"),
    stderr: sink("err"),
    env,
    cwd,
    editor: {
      edit: async (text) => editing.next().value?.(text) ?? text,
      keep: async (text) => `kept-${kept.push(text)}`,
    },
    interrupted: interrupt.signal,
    size: () => (isTTY ? { columns: 100, rows: 30 } : undefined),
    onResize: () => () => {},
  };
  const start = (argv: readonly string[]): Promise<number> =>
    runCli(argv, io, {
      version: "1.2.3",
      now: () => startAt,
      connect: async (options) => {
        connected.push(options);
        return client;
      },
    });
  return {
    api,
    world,
    connected,
    rawModes,
    kept,
    out: () => written.out,
    err: () => written.err,
    start,
    run: (argv) => settled(start(argv)),
    interrupt: () => interrupt.abort(new Error("interrupted")),
  };
}
