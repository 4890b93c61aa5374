// `berth set env`: variables of containers: set, removed, listed, or taken from a config map or secret.

import type { Command } from "commander";
import type { BerthClient, Stored } from "../../client/mod.ts";
import type { Container, KindName } from "../../protocol/mod.ts";
import type { Cli } from "../command.ts";
import {
  addContainerOptions,
  changeContainers,
  containerFilter,
  type ContainerFlags,
  targetsOf,
} from "../container-changes.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { nameOf } from "../output.ts";
import { podSpecIn } from "../pod-templates.ts";
import { collect, collectList } from "../repeated.ts";
import { parseNamedArgs } from "../resource-args.ts";
import type { Session } from "../session.ts";

interface EnvFlags extends ContainerFlags {
  readonly list?: boolean;
  readonly from?: string;
  readonly prefix?: string;
  readonly keys?: readonly string[];
  readonly env?: readonly string[];
  readonly overwrite?: boolean;
}
type Variable = NonNullable<Container["env"]>[number];

export const setEnvCommand = (cli: Cli): Command =>
  addContainerOptions(cli.command("env", "set the environment of containers"))
    .argument(
      "<what...>",
      "objects, then NAME=value to set and NAME- to remove; - reads them from standard input",
    )
    .option("-c, --containers <name>", "containers, * for any text", "*")
    .option("-e, --env <name=value>", "a variable; may be repeated", collect)
    .option("--from <object>", "configmap/NAME or secret/NAME: a variable for each of its keys")
    .option("--prefix-env <text>", "with --from: what each name begins with")
    .option("--keys <names>", "with --from: these keys only; may be repeated", collectList)
    .option("--no-overwrite", "leave variables that are set already")
    .option("--list", "show the variables")
    .action(
      cli.action<EnvFlags & { readonly prefixEnv?: string }>((session, args, flags) =>
        run(session, args, flags),
      ),
    );

async function run(
  session: Session,
  args: readonly string[],
  flags: EnvFlags & { readonly prefixEnv?: string },
): Promise<number> {
  const { objects, changes } = await splitChanges(session, args, flags);
  if (flags.list) return list(session, objects, flags);
  const given = flags.from === undefined ? [] : await variablesFrom(session, flags.from, flags);
  const set = [...given, ...changes.set];
  if (set.length + changes.removed.size === 0) {
    throw new UsageError(
      "say what to change: NAME=value sets, NAME- removes, --from takes a config map's keys",
    );
  }
  const isChosen = containerFilter(flags.containers);
  return changeContainers(session, objects, flags, {
    done: "env updated",
    change: (container) =>
      isChosen(container.name)
        ? withVariables(container, set, changes.removed, flags.overwrite !== false)
        : container,
  });
}

interface Changes {
  readonly set: readonly Variable[];
  readonly removed: ReadonlySet<string>;
}

async function splitChanges(
  session: Session,
  args: readonly string[],
  flags: EnvFlags,
): Promise<{ readonly objects: readonly string[]; readonly changes: Changes }> {
  const words = [...args, ...(flags.env ?? [])];
  const objects = words.filter((word) => word !== "-" && !isChange(word));
  const read = words.includes("-") ? await readLines(session) : [];
  const set: Variable[] = [];
  const removed = new Set<string>();
  for (const word of [...words.filter(isChange), ...read]) {
    const at = word.indexOf("=");
    if (at > 0) set.push({ name: word.slice(0, at), value: word.slice(at + 1) });
    else removed.add(word.slice(0, -1));
  }
  return { objects, changes: { set, removed } };
}
const isChange = (word: string): boolean => /^[^=/\s]+=/.test(word) || /^[A-Za-z_][^=/\s]*-$/.test(word);

async function readLines(session: Session): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of session.io.stdin) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString("utf8").split(/\r?\n/);
  return lines.filter((line) => line.includes("=") && !line.trimStart().startsWith("#"));
}

/** Variables keep their place; new ones stand at the end. */
function withVariables(
  container: Container,
  set: readonly Variable[],
  removed: ReadonlySet<string>,
  overwrite: boolean,
): Container {
  const wanted = new Map(set.map((variable) => [variable.name, variable]));
  const present = container.env ?? [];
  const kept = present
    .filter(({ name }) => !removed.has(name))
    .map((variable) => (overwrite ? (wanted.get(variable.name) ?? variable) : variable));
  const names = new Set(kept.map(({ name }) => name));
  const env = [...kept, ...[...wanted.values()].filter(({ name }) => !names.has(name))];
  if (env.length > 0) return { ...container, env };
  const { env: _none, ...rest } = container;
  return rest;
}

async function variablesFrom(
  session: Session,
  from: string,
  { prefixEnv = "", keys }: { readonly prefixEnv?: string; readonly keys?: readonly string[] },
): Promise<readonly Variable[]> {
  const [source] = parseNamedArgs([from]);
  if (source?.kind !== "ConfigMap" && source?.kind !== "Secret") {
    throw new UsageError(`--from takes configmap/NAME or secret/NAME, found ${JSON.stringify(from)}`);
  }
  const { kind, name } = source;
  const client: BerthClient = await session.client();
  const found = await client.get(kind, name, { namespace: session.namespace, signal: session.signal });
  const chosen = Object.keys(found.data ?? {}).filter((key) => keys === undefined || keys.includes(key));
  return chosen.toSorted().map((key) => ({
    name: prefixEnv + key.toUpperCase().replace(/[^A-Z0-9_]/g, "_"),
    valueFrom: kind === "ConfigMap" ? { configMapKeyRef: { name, key } } : { secretKeyRef: { name, key } },
  }));
}

async function list(session: Session, args: readonly string[], flags: EnvFlags): Promise<number> {
  const isChosen = containerFilter(flags.containers);
  for (const object of await targetsOf(session, args, flags)) await session.out(listed(object, isChosen));
  return exitCodes.done;
}

function listed(object: Stored<KindName>, isChosen: (name: string) => boolean): string {
  const spec = podSpecIn(object)?.spec;
  if (!spec) throw new UsageError(`a ${object.kind} has no containers`);
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) =>
    isChosen(name),
  );
  return containers
    .map(({ name, env = [] }) => `# ${nameOf(object)}, container ${name}\n${env.map(variableText).join("")}`)
    .join("");
}

function variableText({ name, value = "", valueFrom }: Variable): string {
  const { configMapKeyRef: config, secretKeyRef: secret, fieldRef, resourceFieldRef } = valueFrom ?? {};
  if (config) return `# ${name} from configmap ${config.name ?? ""}, key ${config.key}\n`;
  if (secret) return `# ${name} from secret ${secret.name ?? ""}, key ${secret.key}\n`;
  if (fieldRef) return `# ${name} from field path ${fieldRef.fieldPath}\n`;
  if (resourceFieldRef) return `# ${name} from resource ${resourceFieldRef.resource}\n`;
  return `${name}=${value}\n`;
}
