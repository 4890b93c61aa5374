// `berth get`: objects as tables, whole, or what a template takes of them.

import { BerthError, type Stored } from "../../client/mod.ts";
import { kinds, type KindName } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { addFileOptions, type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { ObjectTable } from "../object-table.ts";
import { listOf, outputHelp, parseOutput } from "../output.ts";
import { type KindQuery, parseResourceArgs, resourceHelp } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  getOne,
  selectionOf,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";
import { sortedBy } from "../sorting.ts";
import { type GetFlags, outputOf, tableOptions } from "./get-flags.ts";
import { watchObjects } from "./get-watch.ts";
import { collectList } from "../repeated.ts";

type Flags = GetFlags & SelectionFlags & FileFlags;
type Named = KindQuery & { readonly namespace?: string | undefined };

interface Found {
  readonly query: KindQuery;
  readonly objects: readonly Stored<KindName>[];
}

export const getCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(addSelectorOptions(addFileOptions(cli.command("get", "show objects"))))
    .argument("[what...]", resourceHelp)
    .option("-o, --output <form>", outputHelp)
    .option("-w, --watch", "go on and show every change")
    .option("--watch-only", "show changes only")
    .option("--output-watch-events", "with --watch: say whether it was added, modified or deleted")
    .option("-L, --label-columns <keys>", "labels as columns; may be repeated", collectList)
    .option("--show-labels", "labels as a last column")
    .option("--show-kind", "names with their kind")
    .option("--show-managed-fields", "with json or yaml: show who owns which field")
    .option("--no-headers", "no line of titles")
    .option("--sort-by <path>", "sort by a field, such as .metadata.creationTimestamp")
    .option("--chunk-size <n>", "taken and not needed: lists come in pages by themselves")
    .option("--ignore-not-found", "say nothing of names that do not exist")
    .action(
      cli.action<Flags>(async (session, args, flags) => {
        // Whatever is wrong with the form is said before anything is asked.
        parseOutput(flags.output, session.io);
        const { queries, problems } = await queriesOf(session, args, flags);
        if (flags.watch || flags.watchOnly) return await watchObjects(session, queries, flags);
        return await show(session, queries, flags, problems);
      }),
    );

async function queriesOf(
  session: Session,
  args: readonly string[],
  flags: Flags,
): Promise<{ readonly queries: readonly Named[]; readonly problems: readonly string[] }> {
  if (!flags.filename) return { queries: parseResourceArgs(args), problems: [] };
  if (args.length > 0) throw new UsageError("give names or -f, not both");
  const read = await readManifestFiles(flags, session.io);
  await session.warn(read.leftOut);
  const queries = read.documents.flatMap(({ object: { kind, metadata } }): Named[] => {
    const info = kinds.find((one) => one.kind === kind);
    const { name, namespace } = metadata;
    return info && name ? [{ kind: info.kind, info, name, namespace }] : [];
  });
  return { queries, problems: read.problems };
}

async function show(
  session: Session,
  queries: readonly Named[],
  flags: Flags,
  problems: readonly string[],
): Promise<number> {
  const output = outputOf(session, flags);
  const { found, failures } = await fetchAll(session, queries, flags);
  const objects = found.flatMap((one) => one.objects);
  if (output.type === "print") {
    const single = queries.length === 1 && queries[0]?.name !== undefined ? objects[0] : undefined;
    if (objects.length > 0 || failures.length === 0)
      await session.out(output.print(single ?? listOf(objects)));
  } else {
    await showTables(session, found, flags);
    if (objects.length === 0 && failures.length === 0) await sayNothingFound(session, queries, flags);
  }
  for (const problem of problems) await session.err(`error: ${problem}\n`);
  for (const failure of failures) await session.err(`${berthErrorText(failure)}\n`);
  return failures.length + problems.length > 0 ? exitCodes.failed : exitCodes.done;
}

async function fetchAll(
  session: Session,
  queries: readonly Named[],
  flags: Flags,
): Promise<{ readonly found: readonly Found[]; readonly failures: readonly BerthError[] }> {
  const client = await session.client();
  const byKind = new Map<KindName, { query: KindQuery; objects: Stored<KindName>[] }>();
  const failures: BerthError[] = [];
  for (const query of queries) {
    const into = byKind.get(query.kind) ?? { query, objects: [] };
    byKind.set(query.kind, into);
    if (query.name === undefined) {
      const listed = await client.listAt(query.kind, selectionOf(session, flags));
      await session.warn(listed.warnings);
      into.objects.push(...listed.items);
      continue;
    }
    if (flags.allNamespaces) throw new UsageError("a name can't be looked up in all namespaces; use -n");
    try {
      into.objects.push(await getOne(client, session, { ...query, name: query.name }));
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== "NotFound") throw error;
      if (!flags.ignoreNotFound) failures.push(error);
    }
  }
  const found = [...byKind.values()].map(({ query, objects }) => ({
    query,
    objects: sortedBy(objects, flags.sortBy),
  }));
  return { found, failures };
}

async function showTables(session: Session, found: readonly Found[], flags: Flags): Promise<void> {
  const full = found.filter(({ objects }) => objects.length > 0);
  const tables = full.map(({ query, objects }) =>
    new ObjectTable(query.kind, tableOptions(flags, found.length > 1)).render(objects, session.now()),
  );
  await session.out(tables.join("\n"));
}

async function sayNothingFound(session: Session, queries: readonly KindQuery[], flags: Flags): Promise<void> {
  if (flags.ignoreNotFound && queries.every(({ name }) => name !== undefined)) return;
  const placed = !flags.allNamespaces && queries.some(({ info }) => info.namespaced);
  await session.err(`No resources found${placed ? ` in ${session.namespace} namespace.` : ""}\n`);
}
