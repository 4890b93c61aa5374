// What commands that make one object from flags share: its options, the request, and what is printed.

import type { Command } from "commander";
import type { ApiObject } from "../client/mod.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "./dry-run.ts";
import { exitCodes } from "./io.ts";
import { nameOf, outputHelp, parseOutput } from "./output.ts";
import type { Session } from "./session.ts";
import { addValidateOption, type ValidateFlags, validationOf } from "./validate-flag.ts";

export interface CreateFlags extends DryRunFlags, ValidateFlags {
  readonly output?: string;
  readonly fieldManager?: string;
}

export const addCreateOptions = (command: Command): Command =>
  addValidateOption(addDryRunOption(command))
    .option("-o, --output <form>", `${outputHelp}: show the object that came of it`)
    .option("--field-manager <name>", "whose fields these are", "berth-create");

/** Creates it, or says what would be created, by `word`; an empty one says nothing. */
export async function createObject(
  session: Session,
  object: ApiObject,
  flags: CreateFlags,
  word = "created",
): Promise<number> {
  const output = parseOutput(flags.output, session.io);
  const mode = dryRunOf(flags);
  const made = mode === "client" ? object : await create(session, object, flags);
  if (output.type === "print") await session.out(output.print(made));
  else if (word !== "") await session.out(`${nameOf(made)} ${word}${dryRunNote(mode)}\n`);
  return exitCodes.done;
}

async function create(session: Session, object: ApiObject, flags: CreateFlags): Promise<ApiObject> {
  const client = await session.client();
  const done = await client.create(object, {
    namespace: session.namespace,
    signal: session.signal,
    ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
    ...validationOf(flags),
    ...(dryRunOf(flags) === "server" && { dryRun: true }),
  });
  await session.warn(done.warnings);
  return done.object;
}
