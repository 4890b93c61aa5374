// `berth diff`: what apply would change, as the cluster itself says it. Exit code 0 for nothing, 1 for differences, more
// for trouble. Values of secrets are never shown.

import { type ApiObject, BerthError, type BerthClient } from "../../client/mod.ts";
import { isRecord, matches, parseSelector, sameValue, unwrap } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { unifiedDiff } from "../diff/unified-diff.ts";
import { berthErrorText } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { addFileOptions, type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { ownFields, serialize } from "../output.ts";
import type { Session } from "../session.ts";
import { addValidateOption, type ValidateFlags, validationOf } from "../validate-flag.ts";
import { placeOf } from "../left-out.ts";
import { existing, refusalOf } from "./submit.ts";

interface DiffFlags extends FileFlags, ValidateFlags {
  readonly selector?: string;
  readonly serverSide?: boolean;
  readonly forceConflicts?: boolean;
  readonly fieldManager: string;
  readonly showManagedFields?: boolean;
}

export const diffCommand: CommandFactory = (cli) =>
  addFileOptions(addValidateOption(cli.command("diff", "show what apply would change")))
    .option("-l, --selector <labels>", "only objects of the manifests whose labels match")
    .option("--server-side", "as apply --server-side would")
    .option("--force-conflicts", "with --server-side: take over what others own")
    .option("--field-manager <name>", "who would apply", "berth-cli")
    .option("--show-managed-fields", "also who owns which field")
    .action(
      cli.action<DiffFlags>(async (session, _args, flags) => {
        try {
          return await run(session, flags);
        } catch (error) {
          // 1 says that there are differences, so trouble must be another code.
          if (!(error instanceof BerthError)) throw error;
          await session.err(`${berthErrorText(error)}\n`);
          return exitCodes.usage;
        }
      }),
    );

async function run(session: Session, flags: DiffFlags): Promise<number> {
  const read = await readManifestFiles(flags, session.io);
  const selector = flags.selector === undefined ? undefined : unwrap(parseSelector(flags.selector));
  const troubles = read.problems.map((problem) => `error: ${problem}`);
  let differs = false;
  await session.warn(read.leftOut);
  for (const document of read.documents) {
    const { object } = document;
    if (selector && !matches(selector, object.metadata.labels)) continue;
    const refusal = refusalOf(object, session);
    if (refusal) {
      troubles.push(`error: ${placeOf(document)}: ${refusal}`);
      continue;
    }
    try {
      const text = await differenceOf(session, object, flags);
      differs ||= text !== "";
      await session.out(text);
    } catch (error) {
      if (!(error instanceof BerthError) || error.code === "Disconnected" || error.code === "Unavailable")
        throw error;
      troubles.push(`${berthErrorText(error)}\n  (${placeOf(document)})`);
    }
  }
  for (const trouble of troubles) await session.err(`${trouble}\n`);
  if (troubles.length > 0) return exitCodes.usage;
  return differs ? exitCodes.failed : exitCodes.done;
}

async function differenceOf(session: Session, object: ApiObject, flags: DiffFlags): Promise<string> {
  const client = await session.client();
  const namespace = object.metadata.namespace ?? session.namespace;
  const live = await existing(client, object, { namespace, signal: session.signal });
  const merged = await mergedBy(client, object, { session, flags });
  const [before, after] = object.kind === "Secret" ? masked(live, merged, object) : [live, merged];
  const shown = (value: ApiObject | undefined): string =>
    value === undefined ? "" : serialize(inOrder(comparable(value, flags)), "yaml");
  const version = object.apiVersion.replace("/", ".");
  const name = [version, object.kind, merged.metadata.namespace, merged.metadata.name]
    .filter(Boolean)
    .join(".");
  return unifiedDiff({ name, before: shown(before), after: shown(after) }, session.style);
}

async function mergedBy(
  client: BerthClient,
  object: ApiObject,
  { session, flags }: { readonly session: Session; readonly flags: DiffFlags },
): Promise<ApiObject> {
  const done = await client.apply(object, {
    namespace: session.namespace,
    signal: session.signal,
    fieldManager: flags.fieldManager,
    dryRun: true,
    ...validationOf(flags),
    ...(flags.serverSide && { serverSide: true, ...(flags.forceConflicts && { force: true }) }),
  });
  await session.warn(done.warnings);
  return done.object;
}

/** Without what the cluster alone writes: a dry run draws another uid and time for what is new, and no status. */
function comparable(object: ApiObject, flags: DiffFlags): ApiObject {
  const { status: _status, ...rest } = flags.showManagedFields ? object : ownFields(object);
  const { resourceVersion: _r, uid: _u, creationTimestamp: _c, ...metadata } = rest.metadata;
  return { ...rest, metadata };
}

/** Fields by name: a dry run may answer them in another order than the object has them. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}

/**
 * Answers to changes carry no values, so the new ones are the manifest's over the present ones. Each is shown as stars,
 * which tell only whether it changes.
 */
function masked(
  live: ApiObject | undefined,
  merged: ApiObject,
  manifest: ApiObject,
): readonly [ApiObject | undefined, ApiObject] {
  const before = valuesOf(live?.["data"]);
  const texts = Object.entries(valuesOf(manifest["stringData"])).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ]);
  const after = { ...before, ...valuesOf(manifest["data"]), ...Object.fromEntries(texts) };
  const hidden = (values: Values, others: Values, word: string): Values =>
    Object.fromEntries(
      Object.keys(values).map((key) => {
        const isOther = key in others && !sameValue(values[key], others[key]);
        return [key, isOther ? `*** (${word})` : "***"];
      }),
    );
  return [
    live && { ...live, data: hidden(before, after, "before") },
    { ...merged, data: hidden(after, before, "after") },
  ];
}
type Values = Readonly<Record<string, unknown>>;
const valuesOf = (value: unknown): Values => (isRecord(value) ? value : {});
