// `berth expose`: a service for what a workload's selector selects.

import { type ApiObject, BerthError, type Stored } from "../../client/mod.ts";
import type { KindName, LabelSelector } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { nameOf, parseOutput, serialize } from "../output.ts";
import { podSpecIn } from "../pod-templates.ts";
import { parseNamedArgs } from "../resource-args.ts";
import { wholeNumberFlag } from "../settings.ts";

interface ExposeFlags {
  readonly port?: string;
  readonly targetPort?: string;
  readonly name?: string;
  readonly protocol: string;
  readonly type?: string;
  readonly clusterIp?: string;
  readonly dryRun?: boolean | string;
  readonly output?: string;
}

export const exposeCommand: CommandFactory = (cli) =>
  cli
    .command("expose", "make a service for a workload's pods")
    .argument("<what...>", "deploy/web, rs/web, rc/web, sts/db, pod/web or svc/web")
    .option("--port <n>", "port of the service; absent: those of the containers")
    .option("--target-port <port>", "number or name of the containers' port; absent: the same")
    .option("--name <name>", "name of the service; absent: the workload's")
    .option("--protocol <name>", "TCP or UDP", "TCP")
    .option("--type <type>", "ClusterIP, NodePort, LoadBalancer")
    .option("--cluster-ip <ip>", "its address; None for a headless service")
    .option("-o, --output <form>", "json, yaml or name: show the service that came of it")
    .option("--dry-run [mode]", "only say what would happen (server or client; none turns it off)")
    .action(
      cli.action<ExposeFlags>(async (session, args, flags) => {
        const output = parseOutput(flags.output);
        const [named, ...more] = parseNamedArgs(args);
        if (!named || more.length > 0) throw new UsageError("expose one object at a time");
        const client = await session.client();
        const call = { namespace: session.namespace, signal: session.signal };
        const object = serviceOf(await client.get(named.kind, named.name, call), flags);
        const { dryRun = false } = flags;
        const isDry = dryRun !== false && dryRun !== "none";
        const made =
          dryRun === "client"
            ? object
            : (await client.create<ApiObject>(object, { ...call, ...(isDry && { dryRun: true }) })).object;
        if (output === "json" || output === "yaml") await session.out(serialize(made, output));
        else if (output === "name") await session.out(`${nameOf(made)}\n`);
        else await session.out(`${nameOf(made)} exposed${isDry ? " (dry run)" : ""}\n`);
        return exitCodes.done;
      }),
    );

function serviceOf(object: Stored<KindName>, flags: ExposeFlags): ApiObject {
  const selector = selectorOf(object);
  const { targetPort, protocol, type, clusterIp } = flags;
  const target = targetPort === undefined ? {} : { targetPort: portOf(targetPort) };
  const own = (podSpecIn(object)?.spec.containers ?? []).flatMap(({ ports = [] }) => ports);
  const numbers =
    flags.port === undefined
      ? own.map(({ containerPort }) => containerPort)
      : flags.port.split(",").map((port) => wholeNumberFlag("--port", port, 1));
  if (numbers.length === 0) {
    throw new UsageError("say which port with --port: the containers name none");
  }
  const ports = numbers.map((port) => ({
    ...(numbers.length > 1 && { name: `port-${port}` }),
    port,
    protocol,
    ...target,
  }));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: flags.name ?? object.metadata.name ?? "",
      ...(object.metadata.labels && { labels: object.metadata.labels }),
    },
    spec: { selector, ports, ...(type && { type }), ...(clusterIp && { clusterIP: clusterIp }) },
  };
}

const portOf = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

function selectorOf(object: Stored<KindName>): Readonly<Record<string, string>> {
  const selector = givenSelector(object);
  if (selector && Object.keys(selector).length > 0) return selector;
  const message = `${nameOf(object)} has no labels that a service could select its pods by`;
  throw new BerthError({ code: "Invalid", message });
}

function givenSelector(object: Stored<KindName>): Readonly<Record<string, string>> | undefined {
  switch (object.kind) {
    case "Pod":
      return object.metadata.labels;
    case "Service":
    case "ReplicationController":
      return (object as Stored<"Service">).spec?.selector;
    case "Deployment":
    case "ReplicaSet":
    case "StatefulSet": {
      const { matchLabels, matchExpressions = [] }: LabelSelector =
        (object as Stored<"Deployment">).spec?.selector ?? {};
      if (matchExpressions.length === 0) return matchLabels;
      const message = `the selector of ${nameOf(object)} has expressions, which services do not know`;
      throw new BerthError({ code: "Invalid", message });
    }
    default:
      throw new UsageError(`a ${object.kind} can't be exposed: pods, services, deploy, rs, rc and sts can`);
  }
}
