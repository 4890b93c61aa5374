// `berth apply`, `create` and `replace`: manifests become objects. One bad document does not keep the others back.

import type { Command } from "commander";
import { BerthError, type BerthClient, type ManifestDocument, type Mutation } from "../../client/mod.ts";
import { type ApiObject, apiVersionOf, kindInfo, kinds } from "../../protocol/mod.ts";
import type { Cli, CommandFactory } from "../command.ts";
import { berthErrorText } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { type FileFlags, readManifestFiles } from "../manifest-files.ts";
import { listOf, nameOf, parseOutput, serialize } from "../output.ts";
import type { Session } from "../session.ts";
import { createConfigMapCommand, createSecretCommand } from "./create-config.ts";
import { createDeploymentCommand } from "./create-deployment.ts";
import { createDisruptionBudgetCommand } from "./create-disruption-budget.ts";
import { createJobCommand } from "./create-job.ts";
import { createPriorityClassCommand } from "./create-priority-class.ts";

interface SubmitFlags extends FileFlags {
  readonly output?: string;
  readonly dryRun?: string | boolean;
  readonly fieldManager?: string;
}
type Submit = "apply" | "create" | "replace";

export const applyCommand: CommandFactory = (cli) =>
  submitCommand(cli, "apply", "create objects, or bring them to what manifests say");
export const createCommand: CommandFactory = (cli) =>
  submitCommand(cli, "create", "create objects that must not exist yet")
    .addCommand(createDeploymentCommand(cli))
    .addCommand(createJobCommand(cli))
    .addCommand(createConfigMapCommand(cli))
    .addCommand(createDisruptionBudgetCommand(cli))
    .addCommand(createPriorityClassCommand(cli))
    .addCommand(createSecretCommand(cli));
export const replaceCommand: CommandFactory = (cli) =>
  submitCommand(cli, "replace", "replace objects that must exist");

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

export const addFileOptions = (command: Command): Command =>
  command
    .option("-f, --filename <path>", "file, folder, or - for standard input; may be repeated", collect)
    .option("-R, --recursive", "folders with all below them");

function submitCommand(cli: Cli, verb: Submit, description: string): Command {
  return addFileOptions(cli.command(verb, description))
    .option("-o, --output <form>", "json, yaml or name: show the objects that came of it")
    .option("--dry-run [mode]", "only say what would happen (server; none turns it off)")
    .option("--field-manager <name>", "whose fields these are", "berth-cli")
    .action(cli.action<SubmitFlags>((session, _args, flags) => submitAll(session, verb, flags)));
}

async function submitAll(session: Session, verb: Submit, flags: SubmitFlags): Promise<number> {
  const output = parseOutput(flags.output);
  const { documents, problems } = await readManifestFiles(flags, session.io);
  let failed = problems.length > 0;
  for (const problem of problems) await session.err(`error: ${problem}\n`);
  const client = documents.length > 0 ? await session.client() : undefined;
  const results: ApiObject[] = [];
  for (const document of documents) {
    session.signal.throwIfAborted();
    const refusal = refusalOf(document, session);
    if (refusal || !client) {
      await session.err(`error: ${placeOf(document)}: ${refusal}\n`);
      failed = true;
      continue;
    }
    try {
      const done = await submit(client, verb, document.object, session, flags);
      await session.warn(done.warnings);
      results.push(done.object);
      if (output === undefined || output === "wide") await session.out(`${outcomeText(verb, done, flags)}\n`);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      // Without a cluster every other document would wait for its own deadline too.
      if (error.code === "Disconnected" || error.code === "Unavailable") throw error;
      await session.err(`${berthErrorText(error)}\n  (${placeOf(document)})\n`);
      failed = true;
    }
  }
  if (output === "name") await session.out(results.map((object) => `${nameOf(object)}\n`).join(""));
  const [only, ...others] = results;
  if ((output === "json" || output === "yaml") && only) {
    await session.out(serialize(others.length === 0 ? only : listOf(results), output));
  }
  return failed ? exitCodes.failed : exitCodes.done;
}

function submit(
  client: BerthClient,
  verb: Submit,
  object: ApiObject,
  session: Session,
  flags: SubmitFlags,
): Promise<Mutation<ApiObject>> {
  const options = {
    namespace: session.namespace,
    signal: session.signal,
    ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
    ...(isDryRun(flags) && { dryRun: true }),
  };
  return client[verb](object, options);
}

const isDryRun = ({ dryRun }: SubmitFlags): boolean =>
  dryRun !== undefined && dryRun !== false && dryRun !== "none";

function outcomeText(verb: Submit, { object, outcome }: Mutation, flags: SubmitFlags): string {
  const word = verb === "replace" && outcome !== "unchanged" ? "replaced" : outcome;
  return `${nameOf(object)} ${word}${isDryRun(flags) ? " (server dry run)" : ""}`;
}

function refusalOf({ object }: ManifestDocument, session: Session): string | undefined {
  const info = kindInfo(object.kind);
  const name = JSON.stringify(object.metadata.name ?? object.metadata.generateName ?? "");
  if (!info || apiVersionOf(info) !== object.apiVersion) {
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

const placeOf = ({ source, line, document, item }: ManifestDocument): string =>
  `${source}:${line}: document ${document}${item === undefined ? "" : `, item ${item}`}`;
