// `berth create priorityclass`: a name for how much pods matter.

import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { wholeNumberFlag } from "../settings.ts";

interface PriorityFlags extends CreateFlags {
  readonly value: string;
  readonly globalDefault?: boolean | string;
  readonly description?: string;
  readonly preemptionPolicy: string;
}

export const createPriorityClassCommand = (cli: Cli): Command =>
  addCreateOptions(cli.command("priorityclass", "create a priority class of pods").alias("pc"))
    .argument("<name>", "its name")
    .option("--value <n>", "its priority; higher goes first", "0")
    .option("--global-default [yes]", "pods that name no class have this one")
    .option("--description <text>", "what it is for")
    .option("--preemption-policy <policy>", "PreemptLowerPriority or Never", "PreemptLowerPriority")
    .action(
      cli.action<PriorityFlags>((session, [name = ""], flags) =>
        createObject(session, priorityClassOf(name, flags), flags),
      ),
    );

function priorityClassOf(name: string, flags: PriorityFlags): ApiObject {
  const { value, globalDefault = false, description, preemptionPolicy } = flags;
  const isDefault = globalDefault !== false && globalDefault !== "false";
  return {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    value: wholeNumberFlag("--value", value, -(2 ** 31)),
    preemptionPolicy,
    ...(isDefault && { globalDefault: true }),
    ...(description !== undefined && { description }),
  };
}
