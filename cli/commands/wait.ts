// `berth wait`: until objects meet a condition, exist, or are gone.

import { type BerthClient, BerthError, type Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { addFileOptions, type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { nameOf } from "../output.ts";
import { kindOf, parseNamedArgs, shownName } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectObjects,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";
import { type Awaited, meets, parseAwaited } from "../wait-condition.ts";

interface WaitFlags extends SelectionFlags, FileFlags {
  readonly for: string;
}

export const waitCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(
    addSelectorOptions(addFileOptions(cli.command("wait", "wait until objects meet a condition"))),
  )
    .argument("[what...]", "kind/name, or a kind with names, a selector or --all")
    .requiredOption(
      "--for <what>",
      "condition=Ready, condition=Ready=false, jsonpath='{.status.phase}'=Running, create or delete",
    )
    .option("--all", "all objects of the kind in the namespace")
    .action(cli.action<WaitFlags>((session, args, flags) => run(session, args, flags)));

/** As kubectl has it. */
const defaultWaitMs = 30_000;

async function run(session: Session, given: readonly string[], flags: WaitFlags): Promise<number> {
  const awaited = parseAwaited(flags.for);
  const args = flags.filename ? await namedIn(session, flags) : given;
  const timeoutMs = session.settings.timeoutMs ?? defaultWaitMs;
  if (awaited.type === "create") return waitCreated(session, args, flags, timeoutMs);
  const { objects, missing } = await selectObjects(session, args, flags);
  const client = await session.client();
  if (awaited.type === "delete") {
    if (timeoutMs === 0 && objects.length > 0) return notMet(session, objects.map(nameOf));
    await client.waitGone(objects, { signal: session.signal, timeoutMs });
    await session.out(objects.map((object) => `${nameOf(object)} deleted\n`).join(""));
    return exitCodes.done;
  }
  for (const error of missing) await session.err(`${berthErrorText(error)}\n`);
  if (objects.length === 0 && missing.length === 0)
    throw new BerthError({ code: "NotFound", message: "no matching resources found" });
  // As kubectl has it: 0 looks once, and does not wait.
  if (timeoutMs === 0) {
    const [met, unmet] = [
      objects.filter((one) => meets(one, awaited)),
      objects.filter((one) => !meets(one, awaited)),
    ];
    await session.out(met.map((object) => `${nameOf(object)} condition met\n`).join(""));
    return unmet.length + missing.length > 0 ? notMet(session, unmet.map(nameOf)) : exitCodes.done;
  }
  const results = await Promise.all(
    objects.map((object) => waitOne(client, object, { session, awaited, timeoutMs })),
  );
  return results.every(Boolean) && missing.length === 0 ? exitCodes.done : exitCodes.failed;
}

async function notMet(session: Session, labels: readonly string[]): Promise<number> {
  for (const label of labels) await session.err(`error: timed out waiting for the condition on ${label}\n`);
  return exitCodes.failed;
}

async function namedIn(session: Session, flags: WaitFlags): Promise<readonly string[]> {
  const { documents, problems } = await readManifestFiles(flags, session.io);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return documents.map(({ object }) => `${object.kind.toLowerCase()}/${object.metadata.name ?? ""}`);
}

/** Names are awaited one by one, whether there is such an object yet or not; a selection, until it has one. */
async function waitCreated(
  session: Session,
  args: readonly string[],
  flags: WaitFlags,
  timeoutMs: number,
): Promise<number> {
  if (flags.selector !== undefined || flags.fieldSelector !== undefined || flags.all) {
    throw new UsageError("--for=create takes names: what nobody has made yet has no labels");
  }
  const client = await session.client();
  const { signal, namespace } = session;
  const results = await Promise.all(
    parseNamedArgs(args).map(async ({ kind, info, name }) => {
      const label = shownName(info, name);
      const met = (object: unknown): boolean => object !== undefined;
      return settled(session, label, client.waitFor(kind, name, met, { signal, namespace, timeoutMs }));
    }),
  );
  return results.every(Boolean) ? exitCodes.done : exitCodes.failed;
}

async function settled(session: Session, label: string, waiting: Promise<unknown>): Promise<boolean> {
  try {
    await waiting;
    await session.out(`${label} condition met\n`);
    return true;
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "Timeout") throw error;
    await session.err(`error: timed out waiting for the condition on ${label}\n`);
    return false;
  }
}

interface Waiting {
  readonly session: Session;
  readonly awaited: Exclude<Awaited, { type: "delete" }>;
  readonly timeoutMs: number;
}

function waitOne(
  client: BerthClient,
  object: Stored<KindName>,
  { session, awaited, timeoutMs }: Waiting,
): Promise<boolean> {
  const { name = "", namespace } = object.metadata;
  const met = (found: Stored<KindName> | undefined): boolean => found !== undefined && meets(found, awaited);
  const options = { signal: session.signal, timeoutMs, ...(namespace !== undefined && { namespace }) };
  return settled(session, nameOf(object), client.waitFor(kindOf(object.kind), name, met, options));
}
