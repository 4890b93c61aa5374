// Volumes, claims and storage classes as `berth describe` shows them: where the data is, who uses it, what is waited for.

import type { Stored } from "../../client/mod.ts";
import type { Volume } from "../../protocol/mod.ts";
import { none, orNone } from "../printers/column.ts";
import { accessModesText, claimText, isDefaultClass } from "../printers/storage.ts";
import { conditionsField } from "./conditions.ts";
import { type Field, mapLines } from "./fields.ts";

type VolumeSpec = NonNullable<Stored<"PersistentVolume">["spec"]>;

export function volumeFields({ metadata, spec, status }: Stored<"PersistentVolume">): readonly Field[] {
  return [
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Finalizers", metadata.finalizers],
    ["StorageClass", spec?.storageClassName ?? ""],
    ["Status", metadata.deletionTimestamp ? "Terminating" : status?.phase],
    ["Claim", claimText(spec?.claimRef)],
    ["Reclaim Policy", spec?.persistentVolumeReclaimPolicy],
    ["Access Modes", accessModesText(spec?.accessModes)],
    ["VolumeMode", spec?.volumeMode],
    ["Capacity", String(spec?.capacity?.["storage"] ?? "")],
    ["Node Affinity", affinityLines(spec)],
    ["Reason", status?.reason],
    ["Message", status?.message ?? ""],
    ["Source", { part: sourceFields(spec ?? {}) }],
  ];
}

function affinityLines(spec: VolumeSpec | undefined): readonly string[] {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.map(({ matchExpressions = [], matchFields = [] }, index) => {
    const parts = [...matchExpressions, ...matchFields].map(
      ({ key, operator, values = [] }) => `${key} ${operator.toLowerCase()} [${values.join(", ")}]`,
    );
    return `Term ${index}: ${parts.join(", ")}`;
  });
}

function sourceFields({ local, hostPath, csi }: VolumeSpec): readonly Field[] {
  if (local) {
    return [
      ["Type", "LocalVolume (a persistent volume backed by local storage on a node)"],
      ["Path", local.path],
    ];
  }
  if (hostPath) {
    return [
      ["Type", "HostPath (bare host directory volume)"],
      ["Path", hostPath.path],
      ["HostPathType", hostPath.type],
    ];
  }
  if (!csi) return [];
  return [
    ["Type", "CSI (a volume that its driver makes on the node)"],
    ["Driver", csi.driver],
    ["VolumeHandle", csi.volumeHandle],
    ["VolumeAttributes", mapLines(csi.volumeAttributes)],
  ];
}

export function claimFields(
  { metadata, spec, status }: Stored<"PersistentVolumeClaim">,
  pods: readonly Stored<"Pod">[],
): readonly Field[] {
  const users = pods
    .filter((pod) => usesClaim(pod, metadata.name ?? ""))
    .map((pod) => pod.metadata.name ?? "");
  return [
    ["StorageClass", spec?.storageClassName ?? ""],
    ["Status", metadata.deletionTimestamp ? "Terminating" : (status?.phase ?? "Pending")],
    ["Volume", spec?.volumeName ?? ""],
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Finalizers", metadata.finalizers],
    ["Requested", String(spec?.resources?.requests?.["storage"] ?? "")],
    ["Capacity", String(status?.capacity?.["storage"] ?? "")],
    ["Access Modes", accessModesText(status?.accessModes ?? spec?.accessModes)],
    ["VolumeMode", spec?.volumeMode],
    ["Used By", users.sort()],
    ["Conditions", conditionsField(status?.conditions)],
  ];
}

function usesClaim({ metadata, spec }: Stored<"Pod">, claim: string): boolean {
  return (spec?.volumes ?? []).some(
    ({ name, persistentVolumeClaim, ephemeral }) =>
      persistentVolumeClaim?.claimName === claim || (ephemeral && `${metadata.name ?? ""}-${name}` === claim),
  );
}

export function storageClassFields(value: Stored<"StorageClass">): readonly Field[] {
  const { metadata, allowedTopologies = [] } = value;
  const topologies = allowedTopologies.map(
    ({ matchLabelExpressions = [] }, index) =>
      `Term ${index}: ${matchLabelExpressions.map(({ key, values }) => `${key} in [${values.join(", ")}]`).join(", ")}`,
  );
  return [
    ["IsDefaultClass", isDefaultClass(value) ? "Yes" : "No"],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Provisioner", value.provisioner],
    ["Parameters", mapLines(value.parameters)],
    [
      "AllowVolumeExpansion",
      value.allowVolumeExpansion === undefined ? "<unset>" : String(value.allowVolumeExpansion),
    ],
    ["MountOptions", (value.mountOptions ?? []).join(" ") || none],
    ["ReclaimPolicy", orNone(value.reclaimPolicy)],
    ["VolumeBindingMode", orNone(value.volumeBindingMode)],
    ["AllowedTopologies", topologies.length > 0 ? topologies : undefined],
  ];
}

/** A pod's volume that is a claim; undefined for others. */
export function claimVolumeText({ persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  if (persistentVolumeClaim) {
    const { claimName, readOnly } = persistentVolumeClaim;
    return `PersistentVolumeClaim ${claimName}${readOnly ? " (read-only)" : ""}`;
  }
  if (!ephemeral) return undefined;
  const { spec } = ephemeral.volumeClaimTemplate ?? {};
  const size = String(spec?.resources?.requests?.["storage"] ?? "");
  return ["EphemeralVolume", spec?.storageClassName, size].filter(Boolean).join(" ");
}
