// This terminal as the input and output of something that runs in a container; its exit code becomes ours.

import type { ExecSession } from "../client/mod.ts";
import { exitCodes } from "./io.ts";
import type { Session } from "./session.ts";

export async function attached(
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

/** A terminal is only possible with input that is one. */
export async function terminalOf(
  session: Session,
  flags: { readonly stdin?: boolean; readonly tty?: boolean },
): Promise<boolean> {
  const tty = flags.tty === true && flags.stdin === true && session.io.stdin.isTTY;
  if (flags.tty && !tty)
    await session.err("Unable to use a TTY - input is not a terminal, or -i is missing\n");
  return tty;
}
