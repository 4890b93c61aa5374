// `berth set resources`: requests and limits of containers.

import type { Command } from "commander";
import type { Container } from "../../protocol/mod.ts";
import type { Cli } from "../command.ts";
import {
  addContainerOptions,
  changeContainers,
  containerFilter,
  type ContainerFlags,
} from "../container-changes.ts";
import { UsageError } from "../errors.ts";
import { parseLabels } from "../key-changes.ts";

interface ResourceFlags extends ContainerFlags {
  readonly limits?: string;
  readonly requests?: string;
}
type Quantities = Readonly<Record<string, string | number>>;

export const setResourcesCommand = (cli: Cli): Command =>
  addContainerOptions(cli.command("resources", "set requests and limits of containers"))
    .argument("[what...]", "deploy/web, or a kind and names")
    .option("-c, --containers <name>", "containers, * for any text", "*")
    .option("--limits <amounts>", "cpu=200m,memory=512Mi; cpu=0 takes it away")
    .option("--requests <amounts>", "cpu=100m,memory=256Mi; cpu=0 takes it away")
    .action(
      cli.action<ResourceFlags>((session, args, flags) => {
        const limits = amounts("--limits", flags.limits);
        const requests = amounts("--requests", flags.requests);
        if (!limits && !requests) throw new UsageError("say which resources: --limits, --requests or both");
        const isChosen = containerFilter(flags.containers);
        return changeContainers(session, args, flags, {
          done: "resource requirements updated",
          change: (container) =>
            isChosen(container.name) ? withResources(container, limits, requests) : container,
        });
      }),
    );

const amounts = (flag: string, text: string | undefined): Quantities | undefined =>
  text === undefined ? undefined : parseLabels(flag, text);

function withResources(container: Container, limits?: Quantities, requests?: Quantities): Container {
  const { resources = {} } = container;
  return {
    ...container,
    resources: {
      ...resources,
      ...(limits && { limits: merged(resources.limits, limits) }),
      ...(requests && { requests: merged(resources.requests, requests) }),
    },
  };
}

/** An amount of 0 takes the resource away, as kubectl has it. */
const merged = (present: Quantities | undefined, wanted: Quantities): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries({ ...present, ...wanted }).filter(([, amount]) => String(amount) !== "0"),
  );
