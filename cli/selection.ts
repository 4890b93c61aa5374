// The flags that select objects, and what they select.

import type { Command } from "commander";
import { type BerthClient, BerthError, type Selection, type Stored } from "../client/mod.ts";
import type { KindName } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { type KindQuery, parseResourceArgs } from "./resource-args.ts";
import type { Session } from "./session.ts";

export interface SelectionFlags {
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly allNamespaces?: boolean;
  readonly all?: boolean;
}

export const addSelectorOptions = (command: Command): Command =>
  command
    .option("-l, --selector <labels>", "only objects whose labels match: app=web,tier in (a,b),!canary")
    .option("--field-selector <fields>", "only objects whose fields match: spec.nodeName=n1");
export const addAllNamespacesOption = (command: Command): Command =>
  command.option("-A, --all-namespaces", "in every namespace");

export function selectionOf(session: Session, flags: SelectionFlags): Selection {
  const { selector, fieldSelector, allNamespaces } = flags;
  return {
    signal: session.signal,
    namespace: session.namespace,
    ...(allNamespaces && { allNamespaces }),
    ...(selector && { labelSelector: selector }),
    ...(fieldSelector && { fieldSelector }),
  };
}

/**
 * The objects that a changing command (label, delete, wait) is about: named ones, or those of a kind that
 * `-l`, `--field-selector` or `--all` selects. Absent names go to `missing`.
 */
export async function selectObjects(
  session: Session,
  args: readonly string[],
  flags: SelectionFlags,
): Promise<{ readonly objects: readonly Stored<KindName>[]; readonly missing: readonly BerthError[] }> {
  const queries = parseResourceArgs(args);
  const client = await session.client();
  const objects: Stored<KindName>[] = [];
  const missing: BerthError[] = [];
  for (const query of queries) {
    checkSelection(query, flags);
    if (query.name === undefined) {
      objects.push(...(await client.list(query.kind, selectionOf(session, flags))));
      continue;
    }
    try {
      objects.push(await getOne(client, session, { ...query, name: query.name }));
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== "NotFound") throw error;
      missing.push(error);
    }
  }
  return { objects, missing };
}

export const getOne = (
  client: BerthClient,
  session: Session,
  { kind, name }: { readonly kind: KindName; readonly name: string },
): Promise<Stored<KindName>> =>
  client.get(kind, name, { namespace: session.namespace, signal: session.signal });

function checkSelection({ name, info }: KindQuery, { selector, fieldSelector, all }: SelectionFlags): void {
  const selects = selector !== undefined || fieldSelector !== undefined || all === true;
  if (name !== undefined && selects) throw new UsageError("give names or a selector, not both");
  if (name === undefined && !selects) {
    throw new UsageError(`name the ${info.resource}, or select them with -l, --field-selector or --all`);
  }
}
