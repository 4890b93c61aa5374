// `berth label` and `berth annotate`: the same command on two maps of an object's metadata.

import type { Command } from "commander";
import { type ApiObject, type BerthClient, BerthError, type Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "../dry-run.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { checkLabelValues, clash, type KeyChanges, patchOf, splitChanges } from "../key-changes.ts";
import { nameOf, oneOrList, outputHelp, parseOutput } from "../output.ts";
import { kindOf } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectObjects,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";

interface LabelFlags extends SelectionFlags, DryRunFlags {
  readonly overwrite?: boolean;
  readonly list?: boolean;
  readonly output?: string;
  readonly resourceVersion?: string;
  readonly fieldManager?: string;
}
type Field = "labels" | "annotations";

export const labelCommand: CommandFactory = (cli) => keysCommand(cli, "label", "labels");
export const annotateCommand: CommandFactory = (cli) => keysCommand(cli, "annotate", "annotations");

function keysCommand(cli: Cli, name: string, field: Field): Command {
  const command = addDryRunOption(cli.command(name, `set and remove ${field}`));
  return addAllNamespacesOption(addSelectorOptions(command))
    .argument("<what...>", "objects, then key=value to set and key- to remove")
    .option("--overwrite", "replace values that are there")
    .option("--all", "all objects of the kind in the namespace")
    .option("--list", `show the ${field}`)
    .option("--resource-version <version>", "only if the object is of this version")
    .option("--field-manager <name>", "whose fields these are", `berth-${name}`)
    .option("-o, --output <form>", `${outputHelp}: show the objects that came of it`)
    .action(cli.action<LabelFlags>((session, args, flags) => run(session, args, { field, flags })));
}

async function run(
  session: Session,
  args: readonly string[],
  { field, flags }: { readonly field: Field; readonly flags: LabelFlags },
): Promise<number> {
  const { objects: words, changes } = splitChanges(args);
  if (field === "labels") checkLabelValues(changes);
  const output = parseOutput(flags.output, session.io);
  const results: ApiObject[] = [];
  if (changes.set.size + changes.remove.size === 0 && !flags.list) {
    throw new UsageError(`say what to change: key=value sets, key- removes, --list shows the ${field}`);
  }
  const { objects, missing } = await selectObjects(session, words, flags);
  const client = await session.client();
  let failed = missing.length > 0;
  for (const object of objects) {
    const clashing = flags.overwrite ? undefined : clash(object.metadata[field] ?? {}, changes);
    if (clashing) {
      await session.err(`error: ${nameOf(object)}: ${clashing}\n`);
      failed = true;
      continue;
    }
    try {
      const changed = await change(client, object, { field, flags, changes, session });
      results.push(changed.object);
      if (output.type === "table" || flags.list) await session.out(changed.text);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      await session.err(`${berthErrorText(error)}\n`);
      failed = true;
    }
  }
  for (const error of missing) await session.err(`${berthErrorText(error)}\n`);
  if (output.type === "print" && !flags.list && results.length > 0) {
    await session.out(output.print(oneOrList(results)));
  }
  return failed ? exitCodes.failed : exitCodes.done;
}

interface Wanted {
  readonly field: Field;
  readonly flags: LabelFlags;
  readonly changes: KeyChanges;
  readonly session: Session;
}

interface Changed {
  readonly object: ApiObject;
  readonly text: string;
}

async function change(client: BerthClient, object: Stored<KindName>, wanted: Wanted): Promise<Changed> {
  const { field, flags, changes, session } = wanted;
  const present = object.metadata[field] ?? {};
  const name = nameOf(object);
  if (flags.list) {
    const lines = Object.entries(present).map(([key, value]) => `${key}=${value}\n`);
    return { object, text: lines.sort().join("") };
  }
  const patch = patchOf(present, changes);
  const verb = field === "labels" ? "labeled" : "annotated";
  if (!patch) return { object, text: `${name} not ${verb}\n` };
  const { metadata } = object;
  // Without --overwrite another's value must not be lost between reading and writing.
  const version = flags.resourceVersion ?? (flags.overwrite ? undefined : metadata.resourceVersion);
  const mode = dryRunOf(flags);
  const done = await client.patch(
    kindOf(object.kind),
    metadata.name ?? "",
    { metadata: { [field]: patch } },
    {
      ...(version !== undefined && { resourceVersion: version }),
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
      ...(mode !== "none" && { dryRun: true }),
      signal: session.signal,
    },
  );
  const removedOnly = field === "labels" && Object.values(patch).every((value) => value === null);
  const text = `${name} ${removedOnly ? "unlabeled" : verb}${dryRunNote(mode)}\n`;
  return { object: done.object, text };
}
