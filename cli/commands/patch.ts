// `berth patch`: changes some fields of objects, by a strategic merge patch, a merge patch or a JSON patch.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type ApiObject,
  type Mutation,
  type ObjectPatch,
  type PatchType,
  readValue,
} from "../../client/mod.ts";
import { attemptEach } from "../attempt-each.ts";
import type { CommandFactory } from "../command.ts";
import { addDryRunOption, type DryRunFlags, dryRunNote, dryRunOf } from "../dry-run.ts";
import { UsageError } from "../errors.ts";
import { exitCodes, type Io } from "../io.ts";
import { addFileOptions, type FileFlags } from "../manifest-files.ts";
import { nameOf, oneOrList, outputHelp, parseOutput } from "../output.ts";
import { asPatch, localHelp, localObjects, patchedLocally } from "../local-objects.ts";
import { namedObjects } from "../named-objects.ts";
import type { Session } from "../session.ts";
import { addValidateOption, type ValidateFlags, validationOf } from "../validate-flag.ts";

interface PatchFlags extends DryRunFlags, FileFlags, ValidateFlags {
  readonly patch?: string;
  readonly patchFile?: string;
  readonly type: string;
  readonly subresource?: string;
  readonly local?: boolean;
  readonly fieldManager?: string;
  readonly output?: string;
}

export const patchCommand: CommandFactory = (cli) =>
  addFileOptions(addValidateOption(addDryRunOption(cli.command("patch", "change some fields of objects"))))
    .argument("[what...]", "kind/name, or a kind and names")
    .option("-p, --patch <text>", "the patch, as JSON or YAML")
    .option("--patch-file <path>", "a file with it; - for standard input")
    .option("--type <type>", "strategic, merge (RFC 7386) or json (RFC 6902)", "strategic")
    .option("--subresource <name>", "scale: of the number of replicas alone")
    .option("--local", localHelp)
    .option("--field-manager <name>", "whose fields these are", "berth-patch")
    .option("-o, --output <form>", `${outputHelp}: show the objects that came of it`)
    .action(cli.action<PatchFlags>((session, args, flags) => run(session, args, flags)));

async function run(session: Session, args: readonly string[], flags: PatchFlags): Promise<number> {
  const type = typeOf(flags.type);
  const subresource = subresourceOf(flags.subresource);
  const patch = await patchOf(session.io, flags, type);
  const output = parseOutput(flags.output, session.io);
  const mode = dryRunOf(flags);
  if (flags.local) {
    const objects = await localObjects(session, args, flags);
    const patched = objects.map((object) => patchedLocally(object, patch, type));
    const lines = patched.map((object) => `${nameOf(object)} patched\n`).join("");
    await session.out(output.type === "print" ? output.print(oneOrList(patched)) : lines);
    return exitCodes.done;
  }
  const targets = await namedObjects(session, args, flags);
  const client = await session.client();
  const results: ApiObject[] = [];
  const exitCode = await attemptEach(session, targets, async ({ kind, name, namespace }) => {
    const done: Mutation<ApiObject> = await client.patch(kind, name, patch, {
      namespace,
      signal: session.signal,
      type,
      ...(subresource && { subresource }),
      ...(flags.fieldManager && { fieldManager: flags.fieldManager }),
      ...validationOf(flags),
      ...(mode !== "none" && { dryRun: true }),
    });
    await session.warn(done.warnings);
    results.push(done.object);
    const unchanged = done.outcome === "unchanged" ? " (no change)" : "";
    if (output.type === "table")
      await session.out(`${nameOf(done.object)} patched${unchanged}${dryRunNote(mode)}\n`);
  });
  if (output.type === "print" && results.length > 0) await session.out(output.print(oneOrList(results)));
  return exitCode;
}

function typeOf(text: string): PatchType {
  if (text === "strategic" || text === "merge" || text === "json") return text;
  throw new UsageError(`--type takes strategic, merge or json, found ${JSON.stringify(text)}`);
}

function subresourceOf(text: string | undefined): "scale" | "status" | undefined {
  if (text === undefined || text === "scale" || text === "status") return text;
  throw new UsageError(`--subresource takes scale or status, found ${JSON.stringify(text)}`);
}

async function patchOf(io: Io, flags: PatchFlags, type: PatchType): Promise<ObjectPatch> {
  if ((flags.patch === undefined) === (flags.patchFile === undefined)) {
    throw new UsageError("say what to change: either -p or --patch-file");
  }
  const [text, source] =
    flags.patchFile === undefined
      ? [flags.patch ?? "", "the patch"]
      : [await readPatch(io, flags.patchFile), flags.patchFile];
  const read = readValue(text, source);
  if (!read.ok) throw new UsageError(read.error.message);
  return asPatch(read.value, type);
}

async function readPatch(io: Io, path: string): Promise<string> {
  if (path === "-") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of io.stdin) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }
  try {
    return readFileSync(resolve(io.cwd, path), "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
