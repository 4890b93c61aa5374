// Runs one command line from its words to its exit code, in any process: tests call it too.

import { Command } from "commander";
import { connect } from "../client/mod.ts";
import { plainArguments } from "./boolean-flags.ts";
import { Cli, type CommandFactory } from "./command.ts";
import { commands } from "./commands/mod.ts";
import { errorText, exitCodeOf } from "./errors.ts";
import { exitCodes, type Io } from "./io.ts";
import type { SessionTools } from "./session.ts";
import { addGlobalOptions } from "./settings.ts";
import { styleFor } from "./style.ts";

export interface RunOptions extends Partial<Omit<SessionTools, "io">> {
  /** Commands beside those of commands/. */
  readonly more?: readonly (CommandFactory | (() => Command))[];
}

/** `argv` begins with the command's name. Never rejects. */
export async function runCli(argv: readonly string[], io: Io, options: RunOptions = {}): Promise<number> {
  const { connect: open = connect, now = Date.now, version = "unknown", more = [] } = options;
  const cli = new Cli({ io, connect: open, now, version });
  const written: Promise<void>[] = [];
  const program = buildProgram(cli, [...commands, ...more], written);
  const plain = plainArguments(program, argv);
  cli.off = plain.off;
  try {
    await program.parseAsync([...plain.argv], { from: "user" });
    return io.interrupted.aborted ? exitCodes.interrupted : cli.exitCode;
  } catch (error) {
    if (io.interrupted.aborted) return exitCodes.interrupted;
    const text = errorText(error, argv.includes("-v") || argv.includes("--verbose"));
    if (text !== undefined) await io.stderr.write(`${styleFor(io, io.stderr).red(text)}\n`);
    return exitCodeOf(error);
  } finally {
    await Promise.all(written);
  }
}

export function buildProgram(
  cli: Cli,
  factories: readonly (CommandFactory | (() => Command))[],
  written: Promise<void>[] = [],
): Command {
  const { io, version } = cli.tools;
  const program = addGlobalOptions(new Command("berth"))
    .description("Berth runs containers on a cluster of machines.")
    .version(version, "--version")
    .enablePositionalOptions()
    .showHelpAfterError("(run with --help for how to write it)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => written.push(io.stdout.write(text)),
      writeErr: (text) => written.push(io.stderr.write(text)),
      getOutHasColors: () => styleFor(io, io.stdout).isColorSupported,
      getErrHasColors: () => styleFor(io, io.stderr).isColorSupported,
    });
  for (const factory of factories) inherit(program, factory(cli));
  return program;
}

function inherit(parent: Command, child: Command): void {
  parent.addCommand(child.copyInheritedSettings(parent));
  for (const grandchild of child.commands) grandchild.copyInheritedSettings(child);
}
