// `berth wait`: until objects meet a condition, or are gone.

import { type BerthClient, BerthError, type Stored } from "../../client/mod.ts";
import type { KindName } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { valueAt } from "../object-path.ts";
import { nameOf } from "../output.ts";
import { kindOf } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectObjects,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";

interface WaitFlags extends SelectionFlags {
  readonly for: string;
}

export const waitCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(addSelectorOptions(cli.command("wait", "wait until objects meet a condition")))
    .argument("<what...>", "kind/name, or a kind with names, a selector or --all")
    .requiredOption("--for <what>", "condition=Ready, condition=Ready=false, or delete")
    .option("--all", "all objects of the kind in the namespace")
    .action(cli.action<WaitFlags>((session, args, flags) => run(session, args, flags)));

/** As kubectl has it. */
const defaultWaitMs = 30_000;

async function run(session: Session, args: readonly string[], flags: WaitFlags): Promise<number> {
  const { objects, missing } = await selectObjects(session, args, flags);
  const client = await session.client();
  const timeoutMs = session.settings.timeoutMs ?? defaultWaitMs;
  if (flags.for === "delete") {
    await client.waitGone(objects, { signal: session.signal, timeoutMs });
    await session.out(objects.map((object) => `${nameOf(object)} deleted\n`).join(""));
    return exitCodes.done;
  }
  for (const error of missing) await session.err(`${berthErrorText(error)}\n`);
  if (objects.length === 0 && missing.length === 0)
    throw new BerthError({ code: "NotFound", message: "no matching resources found" });
  const wanted = parseCondition(flags.for);
  const results = await Promise.all(
    objects.map((object) => waitOne(client, object, { session, wanted, timeoutMs })),
  );
  return results.every(Boolean) && missing.length === 0 ? exitCodes.done : exitCodes.failed;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

function parseCondition(text: string): Condition {
  const [, type = "", status = "True"] = /^condition=([^=]+)(?:=(.+))?$/.exec(text) ?? [];
  if (!type)
    throw new UsageError(
      `--for takes condition=NAME, condition=NAME=VALUE or delete, found ${JSON.stringify(text)}`,
    );
  return { type, status };
}

/** Nodes and pods have conditions; of a workload `Ready` means that every replica is. */
function meets(object: Stored<KindName>, { type, status }: Condition): boolean {
  if (object.kind === "ReplicationController" || object.kind === "ReplicaSet") {
    const wanted = valueAt(object, ["spec", "replicas"]) ?? 1;
    const isReady = wanted === (valueAt(object, ["status", "readyReplicas"]) ?? 0);
    const seen = valueAt(object, ["status", "observedGeneration"]);
    const current = seen === undefined || seen === object.metadata.generation;
    return isSame(type, "Ready") && isSame(String(isReady && current), status);
  }
  const conditions = valueAt(object, ["status", "conditions"]);
  if (!Array.isArray(conditions)) return false;
  return conditions.some(
    (condition: unknown) =>
      isSame(String(valueAt(condition, ["type"])), type) &&
      isSame(String(valueAt(condition, ["status"])), status),
  );
}
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

async function waitOne(
  client: BerthClient,
  object: Stored<KindName>,
  {
    session,
    wanted,
    timeoutMs,
  }: { readonly session: Session; readonly wanted: Condition; readonly timeoutMs: number },
): Promise<boolean> {
  const { name = "", namespace } = object.metadata;
  try {
    await client.waitFor(kindOf(object.kind), name, (found) => found !== undefined && meets(found, wanted), {
      signal: session.signal,
      timeoutMs,
      ...(namespace !== undefined && { namespace }),
    });
    await session.out(`${nameOf(object)} condition met\n`);
    return true;
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "Timeout") throw error;
    await session.err(`error: timed out waiting for the condition on ${nameOf(object)}\n`);
    return false;
  }
}
