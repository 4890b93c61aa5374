// What every `berth create <kind> <name>` has in common: its options, and the object that came of it.

import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import { exitCodes } from "../io.ts";
import { nameOf, parseOutput, serialize } from "../output.ts";
import type { Session } from "../session.ts";

export interface ResultFlags {
  readonly dryRun?: boolean | string;
  readonly output?: string;
}

export const withResultOptions = (command: Command): Command =>
  command
    .argument("<name>", "its name")
    .option("-o, --output <form>", "json, yaml or name: show the object that came of it")
    .option("--dry-run [mode]", "only say what would happen (server or client; none turns it off)");

export async function create(session: Session, object: ApiObject, flags: ResultFlags): Promise<number> {
  const output = parseOutput(flags.output);
  const { dryRun = false } = flags;
  const isDry = dryRun !== false && dryRun !== "none";
  const options = { namespace: session.namespace, signal: session.signal, ...(isDry && { dryRun: true }) };
  const made = dryRun === "client" ? object : (await (await session.client()).create(object, options)).object;
  if (output === "json" || output === "yaml") await session.out(serialize(made, output));
  else if (output === "name") await session.out(`${nameOf(made)}\n`);
  else await session.out(`${nameOf(made)} created${isDry ? " (dry run)" : ""}\n`);
  return exitCodes.done;
}
