// `berth create cronjob`: a command by a schedule.

import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";

interface CronJobFlags extends CreateFlags {
  readonly image: string;
  readonly schedule: string;
  readonly restart: string;
}

export const createCronJobCommand = (cli: Cli): Command =>
  addCreateOptions(cli.command("cronjob", "create a cron job of a command"))
    .alias("cj")
    .argument("<name>", "its name")
    .argument("[command...]", "after --, what its container runs instead of the image's own command")
    .requiredOption("--image <image>", "image of its container")
    .requiredOption("--schedule <schedule>", 'when, as "*/5 * * * *"')
    .option("--restart <policy>", "OnFailure or Never", "OnFailure")
    .action(
      cli.action<CronJobFlags>((session, [name = "", ...command], flags) =>
        createObject(session, cronJobOf(name, command, flags), flags),
      ),
    );

function cronJobOf(name: string, command: readonly string[], flags: CronJobFlags): ApiObject {
  const { image, schedule, restart } = flags;
  if (restart !== "OnFailure" && restart !== "Never") {
    throw new UsageError(`--restart takes OnFailure or Never, found ${JSON.stringify(restart)}`);
  }
  const container = { name, image, ...(command.length > 0 && { command: [...command] }) };
  const template = { spec: { restartPolicy: restart, containers: [container] } };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name },
    spec: { schedule, jobTemplate: { metadata: { name }, spec: { template } } },
  };
}
