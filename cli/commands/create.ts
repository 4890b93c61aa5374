// `berth create`: objects that must not exist yet, from manifests or from flags.

import type { CommandFactory } from "../command.ts";
import { dryRunOf } from "../dry-run.ts";
import { exitCodes } from "../io.ts";
import { createConfigMapCommand, createSecretCommand } from "./create-config.ts";
import { createCronJobCommand } from "./create-cron-job.ts";
import { createDeploymentCommand } from "./create-deployment.ts";
import { createDisruptionBudgetCommand } from "./create-disruption-budget.ts";
import { createJobCommand } from "./create-job.ts";
import { createNamespaceCommand } from "./create-namespace.ts";
import { createPriorityClassCommand } from "./create-priority-class.ts";
import { createServiceCommand } from "./create-service.ts";
import { addSubmitOptions, type SubmitFlags, submitAll } from "./submit.ts";

export const createCommand: CommandFactory = (cli) =>
  addSubmitOptions(cli.command("create", "create objects that must not exist yet"))
    .action(
      cli.action<SubmitFlags>(async (session, _args, flags) => {
        const { failed } = await submitAll(session, {
          flags,
          submit: async (client, object, options) =>
            dryRunOf(flags) === "client"
              ? { object, outcome: "created", warnings: [], position: client.position }
              : await client.create(object, options),
        });
        return failed ? exitCodes.failed : exitCodes.done;
      }),
    )
    .addCommand(createNamespaceCommand(cli))
    .addCommand(createDeploymentCommand(cli))
    .addCommand(createJobCommand(cli))
    .addCommand(createCronJobCommand(cli))
    .addCommand(createServiceCommand(cli))
    .addCommand(createConfigMapCommand(cli))
    .addCommand(createSecretCommand(cli))
    .addCommand(createDisruptionBudgetCommand(cli))
    .addCommand(createPriorityClassCommand(cli));
