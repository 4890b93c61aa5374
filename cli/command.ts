// How a command is written: a commander command whose action gets a session. One file a command under commands/.

import { Command } from "commander";
import { exitCodes } from "./io.ts";
import { Session, type SessionTools } from "./session.ts";
import { addGlobalOptions, type GlobalFlags, readSettings } from "./settings.ts";

/** Makes one command (or one with subcommands) for one run of the program. */
export type CommandFactory = (cli: Cli) => Command;

/** Resolves with an exit code, or with nothing for 0. */
export type Action<Flags> = (
  session: Session,
  args: readonly string[],
  flags: Flags,
) => Promise<number | void>;

export class Cli {
  readonly tools: SessionTools;
  exitCode: number = exitCodes.done;
  /** Flags that were switched off by name: `--wait=false`. */
  off: ReadonlySet<string> = new Set();

  constructor(tools: SessionTools) {
    this.tools = tools;
  }

  /** A command with the global options, but for those whose names it has for something else. */
  command(name: string, description: string, own: readonly string[] = []): Command {
    return addGlobalOptions(new Command(name).description(description), own);
  }

  /** The action of a command: opens its session, closes it whatever happens, and keeps the exit code. */
  action<Flags extends object>(action: Action<Flags>): (...given: unknown[]) => Promise<void> {
    return async (...given) => {
      // Commander passes the command itself last, whatever arguments it has.
      const command = given.at(-1);
      if (!(command instanceof Command)) throw new Error("an action was called without its command");
      // What is said behind a subcommand is said of it, whatever the command above it has for itself.
      const off = Object.fromEntries([...this.off].map((flag) => [flag, false]));
      const flags = { ...command.optsWithGlobals<Flags & GlobalFlags>(), ...command.opts<Flags>(), ...off };
      const session = new Session(this.tools, readSettings(flags, this.tools.io));
      try {
        this.exitCode = (await action(session, command.args, flags)) ?? exitCodes.done;
      } finally {
        await session.close();
      }
    };
  }
}
