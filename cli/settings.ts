// Which cluster a command talks to: flags, then environment, then the file that a local cluster leaves, then defaults.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { type ConnectOptions, defaultNamespace, defaultServer, defaultUser } from "../client/mod.ts";
import { defaultPrefix } from "../protocol/mod.ts";
import { parseDuration } from "./age.ts";
import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

export interface GlobalFlags {
  readonly server?: string;
  readonly user?: string;
  /** A flag of the command itself where there is no value. */
  readonly prefix?: string | boolean;
  readonly namespace?: string;
  readonly timeout?: string;
  readonly creds?: string;
  readonly verbose?: boolean;
}

export interface Settings {
  readonly connect: ConnectOptions;
  readonly namespace: string;
  /** True when a namespace was asked for: then a manifest that names another is refused. */
  readonly namespaceGiven: boolean;
  readonly timeoutMs: number | undefined;
  readonly verbose: boolean;
}

/** A master that restarts is back by then; a prefix that no cluster has never will be. */
const noMasterMs = 3_000;

/** Left by `berth dev` in its data folder, so that a command anywhere below finds that cluster. */
export const currentClusterFile = join(".berth", "current.json");
const currentCluster = z.object({
  server: z.string(),
  prefix: z.string().optional(),
  user: z.string().optional(),
});

const globalOptions: readonly (readonly [flags: string, description: string])[] = [
  ["-s, --server <url>", "NATS servers, separated by commas (env BERTH_SERVER)"],
  ["--user <name>", "who asks (env BERTH_USER)"],
  ["--prefix <name>", "first token of the cluster's subjects (env BERTH_PREFIX)"],
  ["--creds <file>", "NATS credentials file (env BERTH_CREDS)"],
  ["-n, --namespace <name>", "namespace (env BERTH_NAMESPACE)"],
  ["--timeout <duration>", "deadline, such as 30s or 2m"],
  ["-v, --verbose", "say more about what goes wrong"],
];

/** `own`: names that the command has for itself; the global ones are then written before it. */
export function addGlobalOptions(command: Command, own: readonly string[] = []): Command {
  for (const [flags, description] of globalOptions) {
    if (!own.some((name) => flags.includes(`--${name}`))) command.option(flags, description);
  }
  return command;
}

export function readSettings(flags: GlobalFlags, io: Pick<Io, "env" | "cwd">): Settings {
  const { env, cwd } = io;
  const current = flags.server || env["BERTH_SERVER"] ? undefined : findCurrentCluster(cwd);
  const timeoutMs = flags.timeout === undefined ? undefined : durationFlag("--timeout", flags.timeout);
  const creds = flags.creds ?? env["BERTH_CREDS"];
  const namespace = flags.namespace ?? env["BERTH_NAMESPACE"];
  return {
    connect: {
      servers: flags.server ?? env["BERTH_SERVER"] ?? current?.server ?? defaultServer,
      prefix:
        (typeof flags.prefix === "string" ? flags.prefix : undefined) ??
        env["BERTH_PREFIX"] ??
        current?.prefix ??
        defaultPrefix,
      user: flags.user ?? env["BERTH_USER"] ?? current?.user ?? defaultUser,
      name: "berth-cli",
      firstAnswerMs: noMasterMs,
      ...(creds && { credentials: readText(creds, "--creds") }),
      ...(timeoutMs !== undefined && timeoutMs > 0 && { timeoutMs }),
    },
    namespace: namespace ?? defaultNamespace,
    namespaceGiven: flags.namespace !== undefined,
    timeoutMs,
    verbose: flags.verbose === true,
  };
}

export function durationFlag(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new UsageError(`${flag} takes a duration such as 90s, 5m or 1h30m, found ${JSON.stringify(text)}`);
}

/** For commander's option parsers. */
export function wholeNumberFlag(flag: string, text: string, least = 0): number {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`${flag} takes a whole number of at least ${least}, found ${JSON.stringify(text)}`);
}

function findCurrentCluster(from: string): z.infer<typeof currentCluster> | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, currentClusterFile);
    if (existsSync(file)) {
      const read = currentCluster.safeParse(parseJson(readText(file, "the current cluster")));
      if (read.success) return read.data;
      throw new UsageError(`${file} is not a cluster's record; remove it or name a server with --server`);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${what}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
