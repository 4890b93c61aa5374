// What `-f` names: files, folders, standard input; read into the documents that they hold.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type ManifestDocument, type ManifestFile, maxManifestBytes, readManifests } from "../client/mod.ts";
import { UsageError } from "./errors.ts";
import type { Io, Source } from "./io.ts";
import { partForeign } from "./left-out.ts";
import { collect } from "./repeated.ts";

const manifestName = /\.(ya?ml|json)$/;

export interface FileFlags {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
}
export const addFileOptions = (command: Command): Command =>
  command
    .option("-f, --filename <path>", "file, folder, or - for standard input; may be repeated", collect)
    .option("-R, --recursive", "folders with all below them");

export interface ReadFiles {
  readonly documents: readonly ManifestDocument[];
  /** Complete messages; the documents without a problem may be used. */
  readonly problems: readonly string[];
  /** What was left out, in words for a warning. */
  readonly leftOut: readonly string[];
}

export async function readManifestFiles(flags: FileFlags, io: Io): Promise<ReadFiles> {
  const names = flags.filename ?? [];
  if (names.length === 0)
    throw new UsageError("name manifests with -f: files, folders, or - for standard input");
  const documents: ManifestDocument[] = [];
  const problems: string[] = [];
  const take = (file: ManifestFile): void => {
    documents.push(...file.documents);
    problems.push(...file.problems.map(({ message }) => message));
  };
  for (const name of names) {
    if (/^[a-z]+:\/\//i.test(name)) {
      throw new UsageError(
        `-f ${name}: addresses are not fetched; download the file first, or pipe it into -f -`,
      );
    }
    if (name === "-") {
      take(readManifests(await readText(io.stdin), "standard input"));
      continue;
    }
    for (const file of expand(name, io.cwd, flags.recursive === true, problems)) {
      take(readFile(file.path, file.shown));
    }
  }
  if (documents.length === 0 && problems.length === 0)
    problems.push(`no objects found in ${names.join(", ")}`);
  return { ...partForeign(documents), problems };
}

interface NamedFile {
  readonly path: string;
  readonly shown: string;
}

function expand(name: string, cwd: string, recursive: boolean, problems: string[]): readonly NamedFile[] {
  const path = resolve(cwd, name);
  try {
    if (!statSync(path).isDirectory()) return [{ path, shown: name }];
    const entries = readdirSync(path, { recursive, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && manifestName.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => ({ path: file, shown: join(name, file.slice(path.length)) }));
  } catch (error) {
    problems.push(reason(name, error));
    return [];
  }
}

function readFile(path: string, shown: string): ManifestFile {
  try {
    // A file that is too large is not even read.
    const { size } = statSync(path);
    if (size <= maxManifestBytes) return readManifests(readFileSync(path, "utf8"), shown);
    const message = `${shown}: ${size} bytes are more than the ${maxManifestBytes} that a manifest may have`;
    return { documents: [], problems: [{ code: "TooLarge", source: shown, message }] };
  } catch (error) {
    return { documents: [], problems: [{ code: "Invalid", source: shown, message: reason(shown, error) }] };
  }
}

async function readText(source: Source): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.length;
    // One byte too many is enough: the reader refuses it with the limit in its message.
    if (bytes > maxManifestBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

const reason = (name: string, error: unknown): string =>
  `cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`;
