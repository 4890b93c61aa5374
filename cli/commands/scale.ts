// `berth scale`: how many replicas a deployment, replica set or another of their kind should have.

import { isScalable } from "../../client/mod.ts";
import { attemptEach } from "../attempt-each.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { parseNamedArgs, shownName } from "../resource-args.ts";
import { wholeNumberFlag } from "../settings.ts";

interface ScaleFlags {
  readonly replicas: string;
  readonly currentReplicas?: string;
}

export const scaleCommand: CommandFactory = (cli) =>
  cli
    .command("scale", "set the number of replicas")
    .argument("<what...>", "deploy/web, rs/web, or a kind and names")
    .requiredOption("--replicas <n>", "how many there should be")
    .option("--current-replicas <n>", "only if there are so many now")
    .action(
      cli.action<ScaleFlags>(async (session, args, flags) => {
        const replicas = wholeNumberFlag("--replicas", flags.replicas);
        const current =
          flags.currentReplicas === undefined
            ? undefined
            : wholeNumberFlag("--current-replicas", flags.currentReplicas);
        const options = {
          namespace: session.namespace,
          signal: session.signal,
          ...(current !== undefined && { currentReplicas: current }),
        };
        const client = await session.client();
        return await attemptEach(session, parseNamedArgs(args), async ({ kind, info, name }) => {
          if (!isScalable(kind)) {
            throw new UsageError(`a ${info.singular} has no replicas; deploy, sts, rs and rc have`);
          }
          const done = await client.scale(kind, name, replicas, options);
          await session.warn(done.warnings);
          await session.out(`${shownName(info, name)} scaled\n`);
        });
      }),
    );
