// `berth expose`: a service for what a workload's selector selects.

import { type ApiObject, BerthError, type Stored } from "../../client/mod.ts";
import type { KindName, LabelSelector } from "../../protocol/mod.ts";
import type { CommandFactory } from "../command.ts";
import { addCreateOptions, type CreateFlags, createObject } from "../create-object.ts";
import { UsageError } from "../errors.ts";
import { parseLabels } from "../key-changes.ts";
import { nameOf } from "../output.ts";
import { podSpecIn } from "../pod-templates.ts";
import { parseNamedArgs } from "../resource-args.ts";
import { wholeNumberFlag } from "../settings.ts";

interface ExposeFlags extends CreateFlags {
  readonly port?: string;
  readonly targetPort?: string;
  readonly name?: string;
  readonly protocol?: string;
  readonly type?: string;
  readonly clusterIp?: string;
  readonly externalIp?: string;
  readonly loadBalancerIp?: string;
  readonly sessionAffinity?: string;
  readonly selector?: string;
  readonly labels?: string;
}

export const exposeCommand: CommandFactory = (cli) =>
  addCreateOptions(cli.command("expose", "make a service for a workload's pods"))
    .argument("<what...>", "deploy/web, rs/web, rc/web, sts/db, pod/web or svc/web")
    .option("--port <n>", "ports of the service, by commas; absent: those of the containers")
    .option("--target-port <port>", "number or name of the containers' port; absent: the same")
    .option("--name <name>", "name of the service; absent: the workload's")
    .option("--protocol <name>", "TCP, UDP or SCTP; absent: as the containers say, or TCP")
    .option("--type <type>", "ClusterIP, NodePort, LoadBalancer")
    .option("--cluster-ip <ip>", "its address; None for a headless service")
    .option("--external-ip <ip>", "an address outside that leads to it too")
    .option("--load-balancer-ip <ip>", "address of its load balancer")
    .option("--session-affinity <how>", "None or ClientIP")
    .option("--selector <labels>", "labels of the pods, as a=b,c=d; absent: the workload's selector")
    .option("-l, --labels <labels>", "labels of the service, as a=b,c=d; absent: the workload's")
    .action(
      cli.action<ExposeFlags>(async (session, args, flags) => {
        const [named, ...more] = parseNamedArgs(args);
        if (!named || more.length > 0) throw new UsageError("expose one object at a time");
        const client = await session.client();
        const call = { namespace: session.namespace, signal: session.signal };
        const object = serviceOf(await client.get(named.kind, named.name, call), flags);
        return createObject(session, object, flags, "exposed");
      }),
    );

function serviceOf(object: Stored<KindName>, flags: ExposeFlags): ApiObject {
  const { type, clusterIp, externalIp, loadBalancerIp, sessionAffinity } = flags;
  const labels = flags.labels === undefined ? object.metadata.labels : parseLabels("--labels", flags.labels);
  const selector =
    flags.selector === undefined ? selectorOf(object) : parseLabels("--selector", flags.selector);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: flags.name ?? object.metadata.name ?? "", ...(labels && { labels: { ...labels } }) },
    spec: {
      selector,
      ports: portsOf(object, flags),
      ...(type && { type }),
      ...(clusterIp && { clusterIP: clusterIp }),
      ...(externalIp && { externalIPs: [externalIp] }),
      ...(loadBalancerIp && { loadBalancerIP: loadBalancerIp }),
      ...(sessionAffinity && { sessionAffinity }),
    },
  };
}

/** Named port-1, port-2, ... where there are several, as kubectl names them. */
function portsOf(object: Stored<KindName>, flags: ExposeFlags): readonly object[] {
  const own = (podSpecIn(object)?.spec.containers ?? []).flatMap(({ ports = [] }) => ports);
  const found =
    flags.port === undefined
      ? own.map(({ containerPort, protocol }) => ({ port: containerPort, protocol }))
      : flags.port.split(",").map((text) => {
          const port = wholeNumberFlag("--port", text, 1);
          return { port, protocol: own.find(({ containerPort }) => containerPort === port)?.protocol };
        });
  if (found.length === 0) throw new UsageError("say which port with --port: the containers name none");
  const target = flags.targetPort === undefined ? {} : { targetPort: portOf(flags.targetPort) };
  return found.map(({ port, protocol }, index) => ({
    ...(found.length > 1 && { name: `port-${index + 1}` }),
    port,
    protocol: flags.protocol?.toUpperCase() ?? protocol ?? "TCP",
    ...target,
  }));
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
