// Changes of containers wherever they stand: reads an object, changes its lists of containers, writes it if nobody was
// faster, and says what came of it.

import type { Command } from "commander";
import { type ApiObject, BerthError, type Stored } from "../client/mod.ts";
import type { Container, KindName, PodSpec } from "../protocol/mod.ts";
import { sameValue } from "../protocol/mod.ts";
import { attemptEach } from "./attempt-each.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "./dry-run.ts";
import { UsageError } from "./errors.ts";
import { addFileOptions, type FileFlags } from "./manifest-files.ts";
import { localHelp, localObjects, patchedLocally } from "./local-objects.ts";
import { namedObjects } from "./named-objects.ts";
import { nameOf, oneOrList, outputHelp, parseOutput } from "./output.ts";
import { nested, podSpecIn } from "./pod-templates.ts";
import { kindOf } from "./resource-args.ts";
import { addSelectorOptions, selectObjects, type SelectionFlags } from "./selection.ts";
import type { Session } from "./session.ts";

export interface ContainerFlags extends DryRunFlags, SelectionFlags, FileFlags {
  readonly containers?: string;
  readonly local?: boolean;
  readonly output?: string;
  readonly fieldManager?: string;
}

export const addContainerOptions = (command: Command): Command =>
  addFileOptions(addSelectorOptions(addDryRunOption(command)))
    .option("--local", localHelp)
    .option("--all", "all objects of the kind in the namespace")
    .option("-o, --output <form>", `${outputHelp}: show the objects that came of it`)
    .option("--field-manager <name>", "whose fields these are", "berth-set");

/** A read-modify-write is tried again this often when someone else was faster. */
const conflictTries = 5;

export interface ContainerChange {
  /** What was done, behind the object's name: "image updated". */
  readonly done: string;
  /** One container as it will be; throws BerthError or UsageError. */
  readonly change: (container: Container, field: ContainerList) => Container;
  /** After all containers of an object were seen: throws when something was asked for that it has not. */
  readonly check?: (spec: PodSpec, object: Stored<KindName>) => void;
}
export type ContainerList = "containers" | "initContainers";
const lists: readonly ContainerList[] = ["containers", "initContainers"];

/** The objects that a command about containers names or selects. */
export async function targetsOf(
  session: Session,
  args: readonly string[],
  flags: ContainerFlags,
): Promise<readonly Stored<KindName>[]> {
  if (flags.local) return await localObjects(session, args, flags);
  const selects = flags.selector !== undefined || flags.fieldSelector !== undefined || flags.all === true;
  if (selects) return (await selectObjects(session, args, flags)).objects;
  const client = await session.client();
  const found: Stored<KindName>[] = [];
  for (const { kind, name, namespace } of await namedObjects(session, args, flags)) {
    found.push(await client.get(kind, name, { namespace, signal: session.signal }));
  }
  return found;
}

export async function changeContainers(
  session: Session,
  args: readonly string[],
  flags: ContainerFlags,
  wanted: ContainerChange,
): Promise<number> {
  const output = parseOutput(flags.output, session.io);
  const targets = await targetsOf(session, args, flags);
  const results: ApiObject[] = [];
  const exitCode = await attemptEach(session, targets, async (target) => {
    const changed = await changeOne(target, { session, flags, wanted });
    results.push(changed.object);
    if (changed.isNew && output.type === "table") {
      await session.out(`${nameOf(target)} ${wanted.done}${dryRunNote(dryRunOf(flags))}\n`);
    }
  });
  if (output.type === "print" && results.length > 0) await session.out(output.print(oneOrList(results)));
  return exitCode;
}

interface Changing {
  readonly session: Session;
  readonly flags: ContainerFlags;
  readonly wanted: ContainerChange;
}

async function changeOne(
  target: Stored<KindName>,
  { session, flags, wanted }: Changing,
): Promise<{ readonly object: ApiObject; readonly isNew: boolean }> {
  const kind = kindOf(target.kind);
  const { name = "", namespace = session.namespace } = target.metadata;
  const call = { namespace, signal: session.signal };
  const mode = dryRunOf(flags);
  if (flags.local) {
    const patch = changeOf(target, wanted);
    return { object: patch ? patchedLocally(target, patch, "merge") : target, isNew: patch !== undefined };
  }
  const client = await session.client();
  for (let tries = 1; ; tries++) {
    const object = tries === 1 ? target : await client.get(kind, name, call);
    const patch = changeOf(object, wanted);
    if (!patch) return { object, isNew: false };
    const { resourceVersion } = object.metadata;
    try {
      const done = await client.patch(kind, name, patch, {
        ...call,
        ...(resourceVersion !== undefined && { resourceVersion }),
        ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
        ...(mode !== "none" && { dryRun: true }),
      });
      await session.warn(done.warnings);
      return { object: done.object, isNew: done.outcome !== "unchanged" };
    } catch (error) {
      const again = error instanceof BerthError && error.code === "Conflict" && tries < conflictTries;
      if (!again) throw error;
    }
  }
}

/** Undefined when nothing changes. */
function changeOf(object: Stored<KindName>, wanted: ContainerChange): Record<string, unknown> | undefined {
  const found = podSpecIn(object);
  if (!found) throw new UsageError(`a ${object.kind} has no containers`);
  wanted.check?.(found.spec, object);
  const changed = changedLists(found.spec, wanted);
  return Object.keys(changed).length === 0 ? undefined : nested(found.path, changed);
}

/** Lists that stay as they are are left out. */
function changedLists(spec: PodSpec, { change }: ContainerChange): Record<string, readonly Container[]> {
  const changed: Record<string, readonly Container[]> = {};
  for (const field of lists) {
    const containers = spec[field] ?? [];
    const next = containers.map((container) => change(container, field));
    if (!sameValue(containers, next)) changed[field] = next;
  }
  return changed;
}

/** `-c` as kubectl has it: a name, or one with `*` for any text. */
export function containerFilter(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined || pattern === "*") return () => true;
  const text = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const matcher = new RegExp(`^${text}$`);
  return (name) => matcher.test(name);
}

/** Names of all containers, init containers included. */
export const containerNames = (spec: PodSpec): readonly string[] =>
  lists.flatMap((field) => (spec[field] ?? []).map(({ name }) => name));
