// Replication controllers and replica sets as `berth describe` shows them.

import type { Stored } from "../../client/mod.ts";
import { labelText } from "../printers/column.ts";
import { selectorText } from "../printers/selector-text.ts";
import { containerFields } from "./containers.ts";
import { type Field, mapLines } from "./fields.ts";

type Workload = Stored<"ReplicationController"> | Stored<"ReplicaSet">;

export function workloadFields(object: Workload, pods: readonly Stored<"Pod">[]): readonly Field[] {
  const { metadata, spec, status } = object;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const owned = pods.filter(({ metadata: { ownerReferences } }) =>
    ownerReferences?.some(({ uid, controller }) => controller && uid === metadata.uid),
  );
  const count = (phase: string): number => owned.filter((pod) => pod.status?.phase === phase).length;
  const template = spec?.template;
  return [
    ["Selector", selectorOf(object)],
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Controlled By", owner && `${owner.kind}/${owner.name}`],
    ["Replicas", `${status?.replicas ?? 0} current / ${spec?.replicas ?? 1} desired`],
    [
      "Pods Status",
      `${count("Running")} Running / ${count("Pending")} Waiting / ${count("Succeeded")} Succeeded / ${count("Failed")} Failed`,
    ],
    [
      "Pod Template",
      {
        part: [
          ["Labels", mapLines(template?.metadata?.labels)],
          ["Containers", { part: containerFields(template?.spec?.containers, undefined) }],
        ],
      },
    ],
  ];
}

export function selectorOf(object: Workload): string {
  if (object.kind === "ReplicaSet") return selectorText(object.spec?.selector);
  return labelText(object.spec?.selector);
}
