// Deployments and daemon sets as `berth describe` shows them.

import type { Stored } from "../../client/mod.ts";
import { labelText } from "../printers/column.ts";
import { selectorText } from "../printers/selector-text.ts";
import { conditionsField } from "./conditions.ts";
import { containerFields } from "./containers.ts";
import { type Field, mapLines } from "./fields.ts";

type Rollout = Stored<"Deployment"> | Stored<"DaemonSet">;

const templateField = ({ spec }: Rollout): Field => [
  "Pod Template",
  {
    part: [
      ["Labels", mapLines(spec?.template.metadata?.labels)],
      ["Annotations", mapLines(spec?.template.metadata?.annotations, ": ")],
      ["Containers", { part: containerFields(spec?.template.spec?.containers, undefined) }],
    ],
  },
];
const headOf = ({ metadata, spec }: Rollout): readonly Field[] => [
  ["Labels", mapLines(metadata.labels)],
  ["Annotations", mapLines(metadata.annotations, ": ")],
  ["Selector", selectorText(spec?.selector)],
];

export function deploymentFields(
  deployment: Stored<"Deployment">,
  sets: readonly Stored<"ReplicaSet">[],
): readonly Field[] {
  const { spec, status } = deployment;
  const { type, rollingUpdate } = spec?.strategy ?? {};
  return [
    ...headOf(deployment),
    [
      "Replicas",
      `${spec?.replicas ?? 1} desired | ${status?.updatedReplicas ?? 0} updated | ${status?.replicas ?? 0} total | ` +
        `${status?.availableReplicas ?? 0} available | ${status?.unavailableReplicas ?? 0} unavailable`,
    ],
    ["StrategyType", type],
    ["MinReadySeconds", String(spec?.minReadySeconds ?? 0)],
    [
      "RollingUpdateStrategy",
      rollingUpdate && `${rollingUpdate.maxUnavailable} max unavailable, ${rollingUpdate.maxSurge} max surge`,
    ],
    ["Paused", spec?.paused ? "true" : undefined],
    templateField(deployment),
    ["Conditions", conditionsField(status?.conditions)],
    ["Replica Sets", { titles: ["Name", "Revision", "Replicas"], rows: setRows(deployment, sets) }],
  ];
}

/** Newest revision first. */
function setRows(
  { metadata }: Stored<"Deployment">,
  sets: readonly Stored<"ReplicaSet">[],
): readonly (readonly string[])[] {
  const revisionOf = (set: Stored<"ReplicaSet">): number =>
    Number(set.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
  return sets
    .filter(({ metadata: { ownerReferences } }) =>
      ownerReferences?.some(({ uid, controller }) => controller && uid === metadata.uid),
    )
    .toSorted((left, right) => revisionOf(right) - revisionOf(left))
    .map((set) => [
      set.metadata.name ?? "",
      String(revisionOf(set)),
      `${set.status?.replicas ?? 0}/${set.spec?.replicas ?? 1} created`,
    ]);
}

export function daemonSetFields(set: Stored<"DaemonSet">): readonly Field[] {
  const { spec, status } = set;
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  return [
    ...headOf(set),
    ["Node-Selector", labelText(spec?.template.spec?.nodeSelector)],
    ["Desired Number of Nodes Scheduled", String(status?.desiredNumberScheduled ?? 0)],
    ["Current Number of Nodes Scheduled", String(status?.currentNumberScheduled ?? 0)],
    ["Number of Nodes Scheduled with Up-to-date Pods", String(status?.updatedNumberScheduled ?? 0)],
    ["Number of Nodes Scheduled with Available Pods", String(status?.numberAvailable ?? 0)],
    ["Number of Nodes Misscheduled", String(status?.numberMisscheduled ?? 0)],
    ["UpdateStrategy", type],
    [
      "RollingUpdateStrategy",
      rollingUpdate && `${rollingUpdate.maxUnavailable} max unavailable, ${rollingUpdate.maxSurge} max surge`,
    ],
    templateField(set),
  ];
}
