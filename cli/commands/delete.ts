// `berth delete`: objects by name, by manifest, by label or all; waits until they are gone.

import { type BerthClient, BerthError, type DeleteOptions, type Stored } from "../../client/mod.ts";
import { kindInfo, kinds, type KindName } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "../dry-run.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { addFileOptions, type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { nameOf } from "../output.ts";
import { resourceHelp } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectObjects,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";
import { type DeletionFlags, deletionOptions } from "../deletion-flags.ts";

interface DeleteFlags extends FileFlags, SelectionFlags, DeletionFlags, DryRunFlags {
  readonly wait: boolean;
  readonly ignoreNotFound?: boolean;
  readonly output?: string;
}

export const deleteCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(
    addSelectorOptions(addDryRunOption(addFileOptions(cli.command("delete", "delete objects")))),
  )
    .argument("[what...]", resourceHelp)
    .option("--all", "all objects of the kind in the namespace")
    .option("--grace-period <seconds>", "time that containers get to end; 0 needs --force")
    .option("--now", "the same as --grace-period=1")
    .option("--force", "kill at once, without waiting for the containers' own end")
    .option("--cascade <how>", "what becomes of dependents: background, foreground or orphan", "background")
    .option("--wait", "wait until the objects are gone", true)
    .option("--no-wait", "return once the deletion is in the log")
    .option("--ignore-not-found", "say nothing of objects that do not exist")
    .option("-o, --output <form>", "name: only the names of what is deleted")
    .action(cli.action<DeleteFlags>((session, args, flags) => run(session, args, flags)));

async function run(session: Session, args: readonly string[], flags: DeleteFlags): Promise<number> {
  const mode = dryRunOf(flags);
  const byName = shortOutput(flags.output);
  const options = { ...deletionOptions(session, flags), ...(mode === "server" && { dryRun: true }) };
  const { objects, problems } = await choose(session, args, flags);
  const client = await session.client();
  if (flags.force && options.gracePeriodSeconds === 0 && objects.length > 0) {
    await session.warn([
      "Immediate deletion does not wait for confirmation that the running resource has been terminated. " +
        "The resource may continue to run on the cluster indefinitely.",
    ]);
  }
  const deleted: Stored<KindName>[] = [];
  for (const object of objects) {
    const problem = mode === "client" ? undefined : await deleteOne(client, object, { options, flags });
    if (problem === undefined) {
      deleted.push(object);
      const info = kindInfo(object.kind);
      const word = `${flags.force ? "force deleted" : "deleted"}${dryRunNote(mode)}`;
      const named = `${info?.singular}${info?.group ? `.${info.group}` : ""} "${object.metadata.name}" ${word}`;
      await session.out(`${byName ? nameOf(object) : named}\n`);
    } else if (problem) problems.push(problem);
  }
  for (const problem of problems) await session.err(`${problem}\n`);
  if (objects.length === 0 && problems.length === 0 && !flags.ignoreNotFound)
    await session.out("No resources found\n");
  if (mode === "none" && flags.wait) {
    const { timeoutMs } = session.settings;
    await client.waitGone(deleted, { signal: session.signal, ...(timeoutMs && { timeoutMs }) });
  }
  return problems.length > 0 ? exitCodes.failed : exitCodes.done;
}

function shortOutput(output: string | undefined): boolean {
  if (output === undefined || output === "name") return output === "name";
  throw new UsageError(`delete -o takes name, found ${JSON.stringify(output)}`);
}

async function choose(
  session: Session,
  args: readonly string[],
  flags: DeleteFlags,
): Promise<{ readonly objects: readonly Stored<KindName>[]; readonly problems: string[] }> {
  if (!flags.filename) {
    const { objects, missing } = await selectObjects(session, args, flags);
    return { objects, problems: flags.ignoreNotFound ? [] : missing.map(berthErrorText) };
  }
  if (args.length > 0) throw new UsageError("give names or -f, not both");
  const read = await readManifestFiles(flags, session.io);
  await session.warn(read.leftOut);
  const problems = read.problems.map((problem) => `error: ${problem}`);
  const objects: Stored<KindName>[] = [];
  const client = await session.client();
  for (const { object } of read.documents) {
    const known = kinds.find(({ kind }) => kind === object.kind);
    const { name, namespace = session.namespace } = object.metadata;
    if (!known || !name) {
      problems.push(
        `error: no matches for kind ${JSON.stringify(object.kind)} with name ${JSON.stringify(name ?? "")}`,
      );
      continue;
    }
    try {
      objects.push(await client.get(known.kind, name, { namespace, signal: session.signal }));
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== "NotFound") throw error;
      if (!flags.ignoreNotFound) problems.push(berthErrorText(error));
    }
  }
  return { objects, problems };
}

/** Undefined when it is deleted, "" when it was gone and nobody minds, else the problem. */
async function deleteOne(
  client: BerthClient,
  { kind, metadata }: Stored<KindName>,
  { options, flags }: { readonly options: DeleteOptions; readonly flags: DeleteFlags },
): Promise<string | undefined> {
  const where = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  // The very object that was selected, and none that came after it under the same name.
  const guard = metadata.uid === undefined ? {} : { uid: metadata.uid };
  try {
    await client.delete(kind, metadata.name ?? "", { ...options, ...where, ...guard });
    return undefined;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    if (error.code === "NotFound") return flags.filename || flags.ignoreNotFound ? "" : berthErrorText(error);
    if (error.code === "Disconnected" || error.code === "Unavailable") throw error;
    return berthErrorText(error);
  }
}
