// `berth label` and `berth annotate`: the same command on two maps of an object's metadata.

import type { Command } from "commander";
import { type BerthClient, BerthError, type Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { clash, type KeyChanges, patchOf, splitChanges } from "../key-changes.ts";
import { nameOf } from "../output.ts";
import { kindOf } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectObjects,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";

interface LabelFlags extends SelectionFlags {
  readonly overwrite?: boolean;
  readonly list?: boolean;
  readonly dryRun?: boolean;
}
type Field = "labels" | "annotations";

export const labelCommand: CommandFactory = (cli) => keysCommand(cli, "label", "labels");
export const annotateCommand: CommandFactory = (cli) => keysCommand(cli, "annotate", "annotations");

function keysCommand(cli: Cli, name: string, field: Field): Command {
  return addAllNamespacesOption(addSelectorOptions(cli.command(name, `set and remove ${field}`)))
    .argument("<what...>", "objects, then key=value to set and key- to remove")
    .option("--overwrite", "replace values that are there")
    .option("--all", "all objects of the kind in the namespace")
    .option("--list", `show the ${field}`)
    .option("--dry-run", "only say what would happen")
    .action(cli.action<LabelFlags>((session, args, flags) => run(session, args, { field, flags })));
}

async function run(
  session: Session,
  args: readonly string[],
  { field, flags }: { readonly field: Field; readonly flags: LabelFlags },
): Promise<number> {
  const { objects: words, changes } = splitChanges(args);
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
      await session.out(await change(client, object, { field, flags, changes, session }));
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      await session.err(`${berthErrorText(error)}\n`);
      failed = true;
    }
  }
  for (const error of missing) await session.err(`${berthErrorText(error)}\n`);
  return failed ? exitCodes.failed : exitCodes.done;
}

interface Wanted {
  readonly field: Field;
  readonly flags: LabelFlags;
  readonly changes: KeyChanges;
  readonly session: Session;
}

async function change(client: BerthClient, object: Stored<KindName>, wanted: Wanted): Promise<string> {
  const { field, flags, changes, session } = wanted;
  const present = object.metadata[field] ?? {};
  const name = nameOf(object);
  if (flags.list) {
    const lines = Object.entries(present).map(([key, value]) => `${key}=${value}\n`);
    return lines.sort().join("");
  }
  const patch = patchOf(present, changes);
  const verb = field === "labels" ? "label" : "annotate";
  if (!patch) return `${name} not ${verb === "label" ? "labeled" : "annotated"}\n`;
  const { metadata } = object;
  // Without --overwrite another's value must not be lost between reading and writing.
  const guard =
    flags.overwrite || metadata.resourceVersion === undefined
      ? {}
      : { resourceVersion: metadata.resourceVersion };
  await client.patch(
    kindOf(object.kind),
    metadata.name ?? "",
    { metadata: { [field]: patch } },
    {
      ...guard,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      ...(flags.dryRun && { dryRun: true }),
      signal: session.signal,
    },
  );
  const removedOnly = Object.values(patch).every((value) => value === null);
  const done = verb === "label" ? (removedOnly ? "unlabeled" : "labeled") : "annotated";
  return `${name} ${done}${flags.dryRun ? " (server dry run)" : ""}\n`;
}
