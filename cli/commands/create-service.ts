// `berth create service`: of each type, for the pods labelled app=NAME.

import type { Command } from "commander";
import type { ApiObject } from "../../client/mod.ts";
import type { Cli } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";
import { wholeNumberFlag } from "../settings.ts";
import { collectList } from "../repeated.ts";

interface ServiceFlags extends CreateFlags {
  readonly tcp?: readonly string[];
  readonly clusterip?: string;
  readonly nodePort?: string;
  readonly externalName?: string;
}

export const createServiceCommand = (cli: Cli): Command =>
  cli
    .command("service", "create a service: clusterip, nodeport, loadbalancer or externalname")
    .alias("svc")
    .addCommand(
      typed(cli, "ClusterIP", "a service with an address in the cluster").option(
        "--clusterip <ip>",
        "its address; None for a headless service",
      ),
    )
    .addCommand(
      typed(cli, "NodePort", "a service on a port of every node").option("--node-port <n>", "that port"),
    )
    .addCommand(typed(cli, "LoadBalancer", "a service behind a load balancer"))
    .addCommand(
      typed(cli, "ExternalName", "another name for something outside").requiredOption(
        "--external-name <name>",
        "the name outside",
      ),
    );

const typed = (cli: Cli, type: string, description: string): Command =>
  addCreateOptions(cli.command(type.toLowerCase(), `create ${description}`))
    .argument("<name>", "its name")
    .option(
      "--tcp <port:target>",
      "a port, and the containers' port where it is another; may be repeated",
      collectList,
    )
    .action(
      cli.action<ServiceFlags>((session, [name = ""], flags) =>
        createObject(session, serviceOf(name, type, flags), flags),
      ),
    );

function serviceOf(name: string, type: string, flags: ServiceFlags): ApiObject {
  const { tcp = [], clusterip, nodePort, externalName } = flags;
  const ports = tcp.map((text) => ({
    ...portOf(text),
    ...(nodePort && { nodePort: numberOf("--node-port", nodePort) }),
  }));
  if (nodePort && ports.length !== 1) throw new UsageError("--node-port goes with exactly one --tcp");
  const isHeadless = clusterip === "None";
  if (ports.length === 0 && !isHeadless && type !== "ExternalName") {
    throw new UsageError("say which port with --tcp, such as --tcp=80:8080");
  }
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels: { app: name } },
    spec: {
      type,
      selector: { app: name },
      ...(ports.length > 0 && { ports }),
      ...(clusterip && { clusterIP: clusterip }),
      ...(externalName && { externalName }),
    },
  };
}

const numberOf = (flag: string, text: string): number => wholeNumberFlag(flag, text, 1);

/** `80`, `80:8080`, `80:http` */
function portOf(text: string): Readonly<Record<string, string | number>> {
  const [first = "", target = first, ...more] = text.split(":");
  if (more.length > 0) throw new UsageError(`--tcp takes port or port:target, found ${JSON.stringify(text)}`);
  const targetPort = /^\d+$/.test(target) ? numberOf("--tcp", target) : target;
  return { name: text.replaceAll(":", "-"), port: numberOf("--tcp", first), protocol: "TCP", targetPort };
}
