// What `apply`, `create -f` and `replace` share: the documents of files, one by one. One bad document does not keep the
// others back.

import type { Command } from "commander";
import {
  type ApiObject,
  type ApplyOptions,
  BerthError,
  type BerthClient,
  defaultNamespace,
  type ManifestDocument,
  type Mutation,
} from "../../client/mod.ts";
import { acceptsVersion, apiVersionOf, kindInfo, kinds } from "../../protocol/mod.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "../dry-run.ts";
import { berthErrorText } from "../errors.ts";
import { placeOf } from "../left-out.ts";
import { addFileOptions, type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { nameOf, oneOrList, outputHelp, parseOutput } from "../output.ts";
import type { Session } from "../session.ts";
import { addValidateOption, type ValidateFlags, validationOf } from "../validate-flag.ts";

export interface SubmitFlags extends FileFlags, DryRunFlags, ValidateFlags {
  readonly output?: string;
  readonly fieldManager?: string;
}

export const addSubmitOptions = (command: Command): Command =>
  addFileOptions(addValidateOption(addDryRunOption(command)))
    .option("-o, --output <form>", `${outputHelp}: show the objects that came of it`)
    .option("--field-manager <name>", "whose fields these are", "berth-cli")
    .option("--show-managed-fields", "with -o: show who owns which field");

/** Sends one document; what a dry run on the client's side means is the caller's to know. */
export type Submit = (
  client: BerthClient,
  object: ApiObject,
  options: ApplyOptions,
) => Promise<Mutation<ApiObject>>;

export interface Submission {
  readonly flags: SubmitFlags & { readonly showManagedFields?: boolean };
  readonly submit: Submit;
  /** Of these documents only; default: all. */
  readonly accepts?: (object: ApiObject) => boolean;
  /** What is said of an object; default: the outcome. */
  readonly word?: (outcome: Mutation["outcome"]) => string;
}
export interface Submitted {
  readonly objects: readonly ApiObject[];
  readonly failed: boolean;
}

export async function submitAll(session: Session, submission: Submission): Promise<Submitted> {
  const { flags, accepts = () => true } = submission;
  const output = parseOutput(flags.output, { ...session.io, showManagedFields: flags.showManagedFields });
  const read = await readManifestFiles(flags, session.io);
  let failed = read.problems.length > 0;
  for (const problem of read.problems) await session.err(`error: ${problem}\n`);
  await session.warn(read.leftOut);
  const results: ApiObject[] = [];
  for (const document of read.documents.filter(({ object }) => accepts(object))) {
    session.signal.throwIfAborted();
    const done = await submitOne(session, document, submission);
    if (!done) failed = true;
    else {
      results.push(done.object);
      if (output.type === "table") await session.out(`${done.text}\n`);
    }
  }
  if (output.type === "print" && results.length > 0) await session.out(output.print(oneOrList(results)));
  return { objects: results, failed };
}

/** Undefined when it failed, which has been said. */
async function submitOne(
  session: Session,
  document: ManifestDocument,
  { flags, submit, word = (outcome) => outcome }: Submission,
): Promise<{ readonly object: ApiObject; readonly text: string } | undefined> {
  const refusal = refusalOf(document.object, session);
  if (refusal) {
    await session.err(`error: ${placeOf(document)}: ${refusal}\n`);
    return undefined;
  }
  const mode = dryRunOf(flags);
  try {
    const client = await session.client();
    const done = await submit(client, document.object, {
      namespace: session.namespace,
      signal: session.signal,
      ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
      ...validationOf(flags),
      ...(mode === "server" && { dryRun: true }),
    });
    await session.warn(done.warnings);
    return { object: done.object, text: `${nameOf(done.object)} ${word(done.outcome)}${dryRunNote(mode)}` };
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    // Without a cluster every other document would wait for its own deadline too.
    if (error.code === "Disconnected" || error.code === "Unavailable") throw error;
    await session.err(`${berthErrorText(error)}\n  (${placeOf(document)})\n`);
    return undefined;
  }
}

/** Why a document can't be sent at all. */
export function refusalOf(object: ApiObject, session: Session): string | undefined {
  const info = kindInfo(object.kind);
  const name = JSON.stringify(object.metadata.name ?? object.metadata.generateName ?? "");
  if (!info || !acceptsVersion(info, object.apiVersion)) {
    const known = info
      ? `${object.kind} is in version ${JSON.stringify(apiVersionOf(info))}`
      : `known kinds: ${kinds.map(({ kind }) => kind).join(", ")}`;
    return `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)} (${name}); ${known}`;
  }
  const { namespace } = object.metadata;
  if (info.namespaced && session.settings.namespaceGiven && namespace && namespace !== session.namespace) {
    return `${name} names the namespace ${JSON.stringify(namespace)}, which is not the ${JSON.stringify(session.namespace)} of --namespace`;
  }
  return undefined;
}

/** What a dry run on the client's side answers: the object as it would be sent. */
export async function presentOutcome(
  client: BerthClient,
  object: ApiObject,
  { namespace = defaultNamespace, signal }: ApplyOptions,
): Promise<Mutation<ApiObject>> {
  const exists = await existing(client, object, {
    namespace: object.metadata.namespace ?? namespace,
    ...(signal && { signal }),
  });
  const outcome = exists ? "configured" : "created";
  return { object, outcome, warnings: [], position: client.position };
}

/** The object of this kind and name as it is; undefined when there is none. */
export async function existing(
  client: BerthClient,
  { kind, metadata }: ApiObject,
  place: { readonly namespace: string; readonly signal?: AbortSignal },
): Promise<ApiObject | undefined> {
  const known = kinds.find((info) => info.kind === kind);
  if (!known || metadata.name === undefined) return undefined;
  try {
    return await client.get(known.kind, metadata.name, place);
  } catch (error) {
    if (error instanceof BerthError && error.code === "NotFound") return undefined;
    throw error;
  }
}
