// What `--from-literal`, `--from-file` and `--from-env-file` name: keys and bytes, each key once.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { isConfigKey, maxConfigBytes } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";

export interface DataFlags {
  readonly fromLiteral?: readonly string[];
  readonly fromFile?: readonly string[];
  readonly fromEnvFile?: readonly string[];
}
export type ConfigData = ReadonlyMap<string, Uint8Array>;

/** Throws UsageError; its messages name keys and files, never values. */
export function readConfigData(flags: DataFlags, cwd: string): ConfigData {
  const data = new Map<string, Uint8Array>();
  const add = (key: string, value: Uint8Array): void => {
    if (!isConfigKey(key)) {
      throw new UsageError(`${JSON.stringify(key)} is no key: only A-Z a-z 0-9 - _ . are taken, at most 253`);
    }
    if (data.has(key)) throw new UsageError(`the key ${JSON.stringify(key)} is given twice`);
    data.set(key, value);
  };
  for (const literal of flags.fromLiteral ?? []) {
    const at = literal.indexOf("=");
    if (at < 1) throw new UsageError("--from-literal takes <key>=<value>");
    add(literal.slice(0, at), Buffer.from(literal.slice(at + 1)));
  }
  for (const source of flags.fromFile ?? []) addFiles(source, cwd, add);
  for (const source of flags.fromEnvFile ?? []) addVariables(source, cwd, add);
  return data;
}

type Add = (key: string, value: Uint8Array) => void;

/** `path`, `key=path`, or a folder, whose files with names that are keys are taken. */
function addFiles(source: string, cwd: string, add: Add): void {
  const at = source.indexOf("=");
  if (at === 0 || at === source.length - 1) throw new UsageError("--from-file takes <path> or <key>=<path>");
  const shown = source.slice(at + 1);
  const path = resolve(cwd, shown);
  const folder = reading(shown, () => statSync(path).isDirectory());
  if (!folder) return add(at > 0 ? source.slice(0, at) : basename(path), readBounded(path, shown));
  if (at > 0) throw new UsageError(`--from-file ${source}: a key goes with a file, ${shown} is a folder`);
  const entries = readdirSync(path, { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.isFile() && isConfigKey(entry.name)) {
      add(entry.name, readBounded(join(path, entry.name), join(shown, entry.name)));
    }
  }
}

/** Lines `KEY=value`; empty lines and those that begin with # are passed over. */
function addVariables(source: string, cwd: string, add: Add): void {
  const text = Buffer.from(readBounded(resolve(cwd, source), source)).toString("utf8");
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const trimmed = line.trimStart();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const at = trimmed.indexOf("=");
    if (at < 1) throw new UsageError(`${source}:${index + 1}: expected KEY=value`);
    add(trimmed.slice(0, at), Buffer.from(trimmed.slice(at + 1)));
  }
}

/** What is too large for any config map is not even read. */
function readBounded(path: string, shown: string): Uint8Array {
  return reading(shown, () => {
    const { size } = statSync(path);
    if (size > maxConfigBytes) {
      throw new UsageError(`${shown} has ${size} bytes, at most ${maxConfigBytes} are taken`);
    }
    return readFileSync(path);
  });
}

function reading<T>(shown: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${shown}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
