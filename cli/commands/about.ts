// What the program says of itself and of the kinds it knows: `api-resources`, `api-versions`, `version`.

import { BerthError } from "../../client/mod.ts";
import { apiVersionOf, kinds, type KindInfo } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { collectList } from "../repeated.ts";
import { Table } from "../table.ts";

interface ResourceFlags {
  readonly namespaced?: boolean;
  readonly apiGroup?: string;
  readonly verbs?: readonly string[];
  readonly output?: string;
  readonly sortBy?: string;
  readonly headers: boolean;
}
/** What every kind can do; users may not create nodes. */
const verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];

export const apiResourcesCommand: CommandFactory = (cli) =>
  cli
    .command("api-resources", "list the kinds of objects")
    .option("--namespaced", "only kinds in namespaces; false: only the others")
    .option("--api-group <group>", "only kinds of this group; the empty word is the core group")
    .option("--verbs <words>", "only kinds that can do all of this", collectList)
    .option("--sort-by <column>", "name or kind")
    .option("--no-headers", "no line of titles")
    .option("-o, --output <form>", "wide or name")
    .action(
      cli.action<ResourceFlags>(async (session, _args, flags) => {
        const found = chosenKinds(flags);
        await session.out(flags.output === "name" ? namesOf(found) : tableOf(found, flags));
      }),
    );

function chosenKinds({
  namespaced,
  apiGroup,
  verbs: wanted = [],
  sortBy,
  output,
}: ResourceFlags): readonly KindInfo[] {
  if (output !== undefined && output !== "wide" && output !== "name") {
    throw new UsageError(`-o takes wide or name, found ${JSON.stringify(output)}`);
  }
  if (sortBy !== undefined && sortBy !== "name" && sortBy !== "kind") {
    throw new UsageError(`--sort-by takes name or kind, found ${JSON.stringify(sortBy)}`);
  }
  const all: readonly KindInfo[] = kinds;
  const found = all.filter(
    (info) =>
      (namespaced === undefined || info.namespaced === namespaced) &&
      (apiGroup === undefined || info.group === apiGroup) &&
      wanted.every((verb) => verbs.includes(verb)),
  );
  if (sortBy === undefined) return found;
  const key = ({ resource, kind }: KindInfo): string => (sortBy === "kind" ? kind : resource);
  return found.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

const namesOf = (found: readonly KindInfo[]): string =>
  found.map(({ resource, group }) => `${resource}${group && `.${group}`}\n`).join("");

function tableOf(found: readonly KindInfo[], { output, headers }: ResourceFlags): string {
  const isWide = output === "wide";
  const titles = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", ...(isWide ? ["VERBS"] : [])];
  const rows = found.map((info) => [
    info.resource,
    info.shortNames.join(","),
    apiVersionOf(info),
    String(info.namespaced),
    info.kind,
    ...(isWide ? [verbs.join(",")] : []),
  ]);
  return new Table().render(headers ? [titles, ...rows] : rows);
}

export const apiVersionsCommand: CommandFactory = (cli) =>
  cli.command("api-versions", "list the groups of kinds with their versions").action(
    cli.action<object>(async (session) => {
      const versions = new Set(kinds.map((info: KindInfo) => apiVersionOf(info)));
      await session.out(
        [...versions]
          .toSorted()
          .map((version) => `${version}\n`)
          .join(""),
      );
    }),
  );

export const versionCommand: CommandFactory = (cli) =>
  cli
    .command("version", "show the versions of this program, the masters and NATS")
    .option("--client", "of this program only")
    .action(
      cli.action<{ readonly client?: boolean }>(async (session, _args, flags) => {
        await session.out(`Client: ${session.version}\n`);
        if (flags.client) return exitCodes.done;
        try {
          const client = await session.client();
          const { masters, nats } = await client.status({ signal: session.signal });
          for (const { id, version, leader } of masters) {
            await session.out(`Master: ${version} (${id}${leader ? ", leader" : ""})\n`);
          }
          await session.out(`NATS: ${nats.version}\n`);
          return exitCodes.done;
        } catch (error) {
          if (!(error instanceof BerthError)) throw error;
          await session.err(`${berthErrorText(error)}\n`);
          return exitCodes.failed;
        }
      }),
    );
