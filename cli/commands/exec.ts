// `berth exec`: a command in a container, with this terminal's input and output; its exit code becomes ours.

import type { ExecSession } from "../../client/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { parseNameOf } from "../resource-args.ts";
import type { Session } from "../session.ts";

interface ExecFlags {
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
}

export const execCommand: CommandFactory = (cli) =>
  cli
    .command("exec", "run a command in a container")
    .argument("<pod>", "name of the pod")
    .argument("[command...]", "after --: the command and its arguments")
    .option("-i, --stdin", "pass this input on")
    .option("-t, --tty", "with a terminal")
    .option("-c, --container <name>", "which container")
    .action(
      cli.action<ExecFlags>(async (session, args, flags) => {
        const [word = "", ...command] = args;
        if (command.length === 0)
          throw new UsageError("say which command: berth exec POD -- COMMAND [ARGUMENTS]");
        const tty = flags.tty === true && flags.stdin === true && session.io.stdin.isTTY;
        if (flags.tty && !tty)
          await session.err("Unable to use a TTY - input is not a terminal, or -i is missing\n");
        const client = await session.client();
        const running = await client.exec(parseNameOf("Pod", word), command, {
          namespace: session.namespace,
          signal: session.signal,
          stdin: flags.stdin === true,
          tty,
          ...(flags.container && { container: flags.container }),
        });
        return await attach(session, running, { stdin: flags.stdin === true, tty });
      }),
    );

async function attach(
  session: Session,
  running: ExecSession,
  { stdin, tty }: { readonly stdin: boolean; readonly tty: boolean },
): Promise<number> {
  const { io } = session;
  const resize = (): void => {
    const size = io.size();
    if (size) running.resize(size.columns, size.rows);
  };
  const endResize = tty ? io.onResize(resize) : () => {};
  if (tty) {
    io.stdin.setRawMode(true);
    resize();
  }
  try {
    // Not waited for: a terminal's input has no end, and the command's end is what counts.
    if (stdin) void pump(session, running);
    for await (const { channel, data } of running.output) {
      await (channel === "stdout" ? io.stdout : io.stderr).write(data);
    }
    return await running.exitCode;
  } catch (error) {
    if (session.signal.aborted) return exitCodes.interrupted;
    throw error;
  } finally {
    endResize();
    if (tty) io.stdin.setRawMode(false);
  }
}

async function pump(session: Session, running: ExecSession): Promise<void> {
  try {
    for await (const chunk of session.io.stdin) await running.write(chunk);
  } catch (error) {
    await session.err(
      `error: cannot read the input: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
  running.endInput();
}
