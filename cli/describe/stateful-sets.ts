// Stateful sets and revisions as `berth describe` shows them: also why an identity is not replaced.

import type { Stored } from "../../client/mod.ts";
import { selectorText } from "../printers/selector-text.ts";
import { accessModesText } from "../printers/storage.ts";
import { conditionsField } from "./conditions.ts";
import { containerFields } from "./containers.ts";
import { type Field, mapLines } from "./fields.ts";

export function statefulSetFields(set: Stored<"StatefulSet">): readonly Field[] {
  const { metadata, spec, status } = set;
  const { type = "RollingUpdate", rollingUpdate } = spec?.updateStrategy ?? {};
  const partition = type === "RollingUpdate" ? ` (partition ${rollingUpdate?.partition ?? 0})` : "";
  return [
    ["Selector", selectorText(spec?.selector)],
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Service", spec?.serviceName],
    ["Pod Management", spec?.podManagementPolicy],
    ["Update Strategy", `${type}${partition}`],
    [
      "Replicas",
      `${spec?.replicas ?? 1} desired / ${status?.replicas ?? 0} total / ${status?.readyReplicas ?? 0} ready / ${status?.updatedReplicas ?? 0} updated`,
    ],
    ["Current Revision", status?.currentRevision],
    ["Update Revision", status?.updateRevision],
    ["Conditions", conditionsField(status?.conditions)],
    [
      "Pod Template",
      {
        part: [
          ["Labels", mapLines(spec?.template.metadata?.labels)],
          ["Containers", { part: containerFields(spec?.template.spec?.containers, undefined) }],
        ],
      },
    ],
    ["Volume Claims", claimTemplateLines(spec?.volumeClaimTemplates)],
  ];
}

type ClaimTemplates = NonNullable<Stored<"StatefulSet">["spec"]>["volumeClaimTemplates"];
const claimTemplateLines = (templates: ClaimTemplates): readonly string[] | undefined =>
  templates?.map(({ metadata, spec }) =>
    [
      metadata?.name,
      spec?.storageClassName,
      String(spec?.resources?.requests?.["storage"] ?? ""),
      accessModesText(spec?.accessModes),
    ]
      .filter(Boolean)
      .join(" "),
  );

export function controllerRevisionFields({
  metadata,
  revision,
}: Stored<"ControllerRevision">): readonly Field[] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Controlled By", owner && `${owner.kind}/${owner.name}`],
    ["Revision", String(revision)],
  ];
}
