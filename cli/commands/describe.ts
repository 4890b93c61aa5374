// `berth describe`: everything about an object for a person, with what happened to it.

import { BerthError, type BerthClient, type Stored } from "../../client/mod.ts";
import { describeEvent, kindInfo, type KindName, type Positioned } from "../../protocol/mod.ts";
import { ageOf } from "../age.ts";
import type { CommandFactory } from "../command.ts";
import { berthErrorText } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { autoscalerFields } from "../describe/autoscalers.ts";
import { configMapFields, secretFields } from "../describe/configs.ts";
import { disruptionBudgetFields } from "../describe/disruption-budgets.ts";
import { type Field, renderFields, timeText } from "../describe/fields.ts";
import { cronJobFields, jobFields } from "../describe/jobs.ts";
import { nodeFields } from "../describe/nodes.ts";
import { nodeUsage, podUsage } from "../describe/usage.ts";
import { podFields } from "../describe/pods.ts";
import { priorityClassFields } from "../describe/priority-classes.ts";
import { daemonSetFields, deploymentFields } from "../describe/rollouts.ts";
import { endpointsFields, namespaceFields, serviceFields } from "../describe/services.ts";
import { controllerRevisionFields, statefulSetFields } from "../describe/stateful-sets.ts";
import { claimFields, storageClassFields, volumeFields } from "../describe/storage.ts";
import { selectorOf, workloadFields } from "../describe/workloads.ts";
import { parseResourceArgs, resourceHelp } from "../resource-args.ts";
import {
  addAllNamespacesOption,
  addSelectorOptions,
  selectionOf,
  type SelectionFlags,
} from "../selection.ts";
import type { Session } from "../session.ts";

interface DescribeFlags extends SelectionFlags {
  readonly showEvents: boolean;
}
const shownEvents = 20;

export const describeCommand: CommandFactory = (cli) =>
  addAllNamespacesOption(
    addSelectorOptions(cli.command("describe", "show an object in words, with its events")),
  )
    .argument("<what...>", resourceHelp)
    .option("--no-show-events", "without what happened")
    .action(
      cli.action<DescribeFlags>(async (session, args, flags) => {
        const { described, failures } = await describeAll(session, args, flags);
        await session.out(described.join("\n\n"));
        for (const failure of failures) await session.err(`${berthErrorText(failure)}\n`);
        if (described.length === 0 && failures.length === 0)
          await session.err(`No resources found in ${session.namespace} namespace.\n`);
        return failures.length > 0 ? exitCodes.failed : exitCodes.done;
      }),
    );

async function describeAll(
  session: Session,
  args: readonly string[],
  flags: DescribeFlags,
): Promise<{ readonly described: readonly string[]; readonly failures: readonly BerthError[] }> {
  const client = await session.client();
  const described: string[] = [];
  const failures: BerthError[] = [];
  for (const { kind, name } of parseResourceArgs(args)) {
    try {
      const names =
        name === undefined
          ? (await client.list(kind, selectionOf(session, flags))).map(placeOf)
          : [{ name, namespace: session.namespace }];
      for (const place of names)
        described.push(await describeOne(session, client, { kind, ...place, flags }));
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== "NotFound") throw error;
      failures.push(error);
    }
  }
  return { described, failures };
}

interface Place {
  readonly name: string;
  readonly namespace: string;
}
const placeOf = ({ metadata }: Stored<KindName>): Place => ({
  name: metadata.name ?? "",
  namespace: metadata.namespace ?? "default",
});

async function describeOne(
  session: Session,
  client: BerthClient,
  { kind, name, namespace, flags }: Place & { readonly kind: KindName; readonly flags: DescribeFlags },
): Promise<string> {
  const where = { namespace, signal: session.signal };
  const object = await client.get(kind, name, where);
  const fields = await fieldsOf(session, client, { kind, name, namespace });
  const events = flags.showEvents
    ? (await client.events({ ...where, kind, name, newestFirst: true, limit: shownEvents })).toReversed()
    : [];
  const { metadata } = object;
  const head: readonly Field[] = [
    ["Name", metadata.name],
    ["Namespace", kindInfo(kind)?.namespaced ? metadata.namespace : undefined],
    ["Created", timeText(metadata.creationTimestamp)],
  ];
  const rows = events.map((event) => eventRow(event, session.now()));
  const tail: readonly Field[] = flags.showEvents
    ? [["Events", { titles: ["Type", "Age", "From", "Message"], rows }]]
    : [];
  return renderFields([...head, ...fields, ...tail]);
}

const eventRow = (event: Positioned, now: number): readonly string[] => [
  event.type,
  ageOf(event.at, now),
  event.by,
  describeEvent(event),
];

async function fieldsOf(
  session: Session,
  client: BerthClient,
  { kind, name, namespace }: Place & { readonly kind: KindName },
): Promise<readonly Field[]> {
  const where = { namespace, signal: session.signal };
  switch (kind) {
    case "Pod":
      return podFields(
        await client.get(kind, name, where),
        session.now(),
        await podUsage(client, name, where),
      );
    case "Node": {
      const fieldSelector = `spec.nodeName=${name}`;
      const pods = await client.list("Pod", { allNamespaces: true, fieldSelector, signal: session.signal });
      const usage = await nodeUsage(client, name, session.signal);
      return nodeFields(await client.get(kind, name, where), pods, session.now(), usage);
    }
    case "ReplicationController":
    case "ReplicaSet": {
      const object = await client.get(kind, name, where);
      return workloadFields(
        object,
        await client.list("Pod", { ...where, labelSelector: selectorOf(object) }),
      );
    }
    case "Deployment": {
      const sets = await client.list("ReplicaSet", where);
      return deploymentFields(await client.get(kind, name, where), sets);
    }
    case "DaemonSet":
      return daemonSetFields(await client.get(kind, name, where));
    case "Service": {
      const endpoints = await client.list("Endpoints", { ...where, fieldSelector: `metadata.name=${name}` });
      return serviceFields(await client.get(kind, name, where), endpoints[0]);
    }
    case "Endpoints":
      return endpointsFields(await client.get(kind, name, where));
    case "ConfigMap":
      return configMapFields(await client.get(kind, name, where));
    case "Secret":
      return secretFields(await client.get(kind, name, where));
    case "Namespace":
      return namespaceFields(await client.get(kind, name, where));
    case "StatefulSet":
      return statefulSetFields(await client.get(kind, name, where));
    case "ControllerRevision":
      return controllerRevisionFields(await client.get(kind, name, where));
    case "Job":
      return jobFields(await client.get(kind, name, where), session.now());
    case "CronJob":
      return cronJobFields(await client.get(kind, name, where));
    case "PodDisruptionBudget":
      return disruptionBudgetFields(await client.get(kind, name, where));
    case "PriorityClass":
      return priorityClassFields(await client.get(kind, name, where));
    case "HorizontalPodAutoscaler":
      return autoscalerFields(await client.get(kind, name, where));
    case "PersistentVolume":
      return volumeFields(await client.get(kind, name, where));
    case "PersistentVolumeClaim":
      return claimFields(await client.get(kind, name, where), await client.list("Pod", where));
    case "StorageClass":
      return storageClassFields(await client.get(kind, name, where));
    default:
      return kind satisfies never;
  }
}
