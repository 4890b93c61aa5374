// `berth node fence`: a person vouches that nothing runs on a lost node any more.

import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { parseNameOf } from "../resource-args.ts";

interface FenceFlags {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

export const nodeCommand: CommandFactory = (cli) =>
  cli.command("node", "what a person knows of nodes").addCommand(
    cli
      .command("fence", "vouch that nothing runs on lost nodes any more, so that stateful pods are replaced")
      .argument("<nodes...>", "names of nodes that are lost, and known to be off")
      .option("--reason <text>", "what makes you sure, for the log")
      .option("--dry-run", "only say whether it could be done")
      .action(
        cli.action<FenceFlags>(async (session, args, { reason, dryRun }) => {
          const client = await session.client();
          const names = args.map((arg) => parseNameOf("Node", arg));
          if (names.length === 0) throw new UsageError("name the nodes");
          for (const name of names) {
            const done = await client.fence(name, {
              signal: session.signal,
              ...(reason !== undefined && { reason }),
              ...(dryRun && { dryRun }),
            });
            const word = done.outcome === "unchanged" ? "already fenced" : "fenced";
            await session.out(`node/${name} ${word}${dryRun ? " (dry run)" : ""}\n`);
          }
        }),
      ),
  );
