// What the program says of itself and of the kinds it knows: `api-resources`, `version`.

import { BerthError } from "../../client/mod.ts";
import { apiVersionOf, kinds, type KindInfo } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { Table } from "../table.ts";

export const apiResourcesCommand: CommandFactory = (cli) =>
  cli.command("api-resources", "list the kinds of objects").action(
    cli.action<object>(async (session) => {
      const rows = kinds.map((info: KindInfo) => [
        info.resource,
        info.shortNames.join(","),
        apiVersionOf(info),
        String(info.namespaced),
        info.kind,
      ]);
      await session.out(
        new Table().render([["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"], ...rows]),
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
