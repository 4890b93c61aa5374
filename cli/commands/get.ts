// `berth get`: objects as tables or whole, once or as they change.

import { BerthError, type Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { compareValues, parsePath, valueAt } from "../object-path.ts";
import { ObjectTable, type TableOptions } from "../object-table.ts";
import { listOf, nameOf, type Output, parseOutput, serialize } from "../output.ts";
import { type KindQuery, parseResourceArgs, resourceHelp } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  getOne,
  selectionOf,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";

interface GetFlags extends SelectionFlags {
  readonly output?: string;
  readonly watch?: boolean;
  readonly watchOnly?: boolean;
  readonly showLabels?: boolean;
  readonly headers: boolean;
  readonly sortBy?: string;
  readonly ignoreNotFound?: boolean;
}

interface Found {
  readonly query: KindQuery;
  readonly objects: readonly Stored<KindName>[];
}

export const getCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(addSelectorOptions(cli.command("get", "show objects")))
    .argument("<what...>", resourceHelp)
    .option("-o, --output <form>", "wide, json, yaml or name")
    .option("-w, --watch", "go on and show every change")
    .option("--watch-only", "show changes only")
    .option("--show-labels", "labels as a last column")
    .option("--no-headers", "no line of titles")
    .option("--sort-by <path>", "sort by a field, such as .metadata.creationTimestamp")
    .option("--ignore-not-found", "say nothing of names that do not exist")
    .action(
      cli.action<GetFlags>(async (session, args, flags) => {
        const queries = parseResourceArgs(args);
        if (flags.watch || flags.watchOnly) return await watch(session, queries, flags);
        return await show(session, queries, flags);
      }),
    );

async function show(session: Session, queries: readonly KindQuery[], flags: GetFlags): Promise<number> {
  const output = parseOutput(flags.output);
  const { found, failures } = await fetchAll(session, queries, flags);
  const objects = found.flatMap((one) => one.objects);
  if (output === "json" || output === "yaml") {
    const single = queries.length === 1 && queries[0]?.name !== undefined ? objects[0] : undefined;
    if (objects.length > 0 || failures.length === 0)
      await session.out(serialize(single ?? listOf(objects), output));
  } else if (output === "name") {
    await session.out(objects.map((object) => `${nameOf(object)}\n`).join(""));
  } else {
    await showTables(session, found, flags);
    if (objects.length === 0 && failures.length === 0) await sayNothingFound(session, queries, flags);
  }
  for (const failure of failures) await session.err(`${berthErrorText(failure)}\n`);
  return failures.length > 0 ? exitCodes.failed : exitCodes.done;
}

async function fetchAll(
  session: Session,
  queries: readonly KindQuery[],
  flags: GetFlags,
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
    objects: sorted(objects, flags.sortBy),
  }));
  return { found, failures };
}

function sorted(
  objects: readonly Stored<KindName>[],
  sortBy: string | undefined,
): readonly Stored<KindName>[] {
  if (sortBy === undefined) return objects;
  const path = parsePath(sortBy);
  return objects.toSorted((a, b) => compareValues(valueAt(a, path), valueAt(b, path)));
}

async function showTables(session: Session, found: readonly Found[], flags: GetFlags): Promise<void> {
  const full = found.filter(({ objects }) => objects.length > 0);
  const tables = full.map(({ query, objects }) =>
    new ObjectTable(query.kind, tableOptions(flags, found.length > 1)).render(objects, session.now()),
  );
  await session.out(tables.join("\n"));
}

function tableOptions(flags: GetFlags, showKind: boolean): TableOptions {
  return {
    wide: flags.output === "wide",
    showLabels: flags.showLabels === true,
    headers: flags.headers,
    namespaces: flags.allNamespaces === true,
    showKind,
  };
}

async function sayNothingFound(
  session: Session,
  queries: readonly KindQuery[],
  flags: GetFlags,
): Promise<void> {
  if (flags.ignoreNotFound && queries.every(({ name }) => name !== undefined)) return;
  const placed = !flags.allNamespaces && queries.some(({ info }) => info.namespaced);
  await session.err(`No resources found${placed ? ` in ${session.namespace} namespace.` : ""}\n`);
}

async function watch(session: Session, queries: readonly KindQuery[], flags: GetFlags): Promise<number> {
  const [query, ...others] = queries;
  if (!query || others.length > 0) throw new UsageError("one kind, or one object, can be watched at a time");
  const output = parseOutput(flags.output);
  const client = await session.client();
  const table = new ObjectTable(query.kind, tableOptions(flags, false));
  const print = (objects: readonly Stored<KindName>[]): Promise<void> =>
    session.out(rendered(objects, output, () => table.render(objects, session.now())));
  const selection = selectionOf(session, flags);
  const named = query.name === undefined ? {} : { fieldSelector: `metadata.name=${query.name}` };
  const first: Stored<KindName>[] = [];
  let listed = false;
  for await (const event of client.watch(query.kind, { ...selection, ...named, bookmarks: true })) {
    if (event.type !== "BOOKMARK") {
      if (listed) await print([event.object]);
      else first.push(event.object);
    } else if (!listed) {
      listed = true;
      if (!flags.watchOnly && first.length > 0) await print(sorted(first, flags.sortBy));
    }
  }
  return exitCodes.interrupted;
}

function rendered(
  objects: readonly Stored<KindName>[],
  output: Output | undefined,
  asTable: () => string,
): string {
  if (output === "json") return objects.map((object) => serialize(object, "json")).join("");
  if (output === "yaml") return objects.map((object) => `---\n${serialize(object, "yaml")}`).join("");
  if (output === "name") return objects.map((object) => `${nameOf(object)}\n`).join("");
  return asTable();
}
