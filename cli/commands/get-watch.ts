// `berth get --watch`: the present objects, then every change, until Ctrl-C.

import type { Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { ObjectTable } from "../object-table.ts";
import { type Output, ownFields, serialize } from "../output.ts";
import type { KindQuery } from "../resource-args.ts";
import { selectionOf, type SelectionFlags } from "../selection.ts";
import type { Session } from "../session.ts";
import { sortedBy } from "../sorting.ts";
import { type GetFlags, outputOf, tableOptions } from "./get-flags.ts";

interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Stored<KindName>;
}

export async function watchObjects(
  session: Session,
  queries: readonly KindQuery[],
  flags: GetFlags & SelectionFlags,
): Promise<number> {
  const [query, ...others] = queries;
  if (!query || others.length > 0) throw new UsageError("one kind, or one object, can be watched at a time");
  const output = outputOf(session, flags);
  const client = await session.client();
  const table = new ObjectTable(query.kind, tableOptions(flags, false));
  const print = (changes: readonly Change[]): Promise<void> =>
    session.out(
      output.type === "print"
        ? changes.map((change) => rendered(change, output, flags)).join("")
        : table.render(
            changes.map(({ object }) => object),
            session.now(),
            changes.map(({ type }) => type),
          ),
    );
  const named = query.name === undefined ? {} : { fieldSelector: `metadata.name=${query.name}` };
  const selection = { ...selectionOf(session, flags), ...named, bookmarks: true };
  const first: Stored<KindName>[] = [];
  let listed = false;
  for await (const event of client.watch(query.kind, selection)) {
    if (event.type !== "BOOKMARK") {
      if (listed) await print([event]);
      else first.push(event.object);
    } else if (!listed) {
      listed = true;
      const present = sortedBy(first, flags.sortBy).map((object) => ({ type: "ADDED" as const, object }));
      if (!flags.watchOnly && present.length > 0) await print(present);
    }
  }
  return exitCodes.interrupted;
}

function rendered(
  { type, object }: Change,
  output: Extract<Output, { type: "print" }>,
  flags: GetFlags,
): string {
  const { form } = output;
  if (flags.outputWatchEvents && (form === "json" || form === "yaml")) {
    const shown = flags.showManagedFields ? object : ownFields(object);
    return `${form === "yaml" ? "---\n" : ""}${serialize({ type, object: shown }, form)}`;
  }
  return `${form === "yaml" ? "---\n" : ""}${output.print(object)}`;
}
