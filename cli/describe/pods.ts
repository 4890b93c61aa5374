// A pod as `berth describe` shows it.

import type { PodUsage, Stored } from "../../client/mod.ts";
import type { Toleration, Volume } from "../../protocol/mod.ts";
import { humanDuration } from "../age.ts";
import { orNone } from "../printers/column.ts";
import { summarizePod } from "../printers/pod-status.ts";
import { containerFields } from "./containers.ts";
import { type Field, mapLines, timeText } from "./fields.ts";
import { podUsageText } from "./usage.ts";
import { claimVolumeText } from "./storage.ts";

export function podFields(pod: Stored<"Pod">, now: number, usage: PodUsage | undefined): readonly Field[] {
  const { spec, status, metadata } = pod;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const init = containerFields(spec?.initContainers, status?.initContainerStatuses);
  return [
    ["Priority", spec?.priority === undefined ? undefined : String(spec.priority)],
    ["Priority Class Name", spec?.priorityClassName],
    ["Node", orNone([spec?.nodeName, status?.hostIP].filter(Boolean).join("/"))],
    ["Start Time", timeText(status?.startTime)],
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    ["Status", statusText(pod, now)],
    ["Reason", status?.reason],
    ["Message", status?.message],
    ["Nominated Node", status?.nominatedNodeName],
    ["IP", orNone(status?.podIP)],
    ["Controlled By", owner && `${owner.kind}/${owner.name}`],
    ["Usage", podUsageText(pod, usage, now)],
    ["Init Containers", init.length > 0 ? { part: init } : undefined],
    ["Containers", { part: containerFields(spec?.containers, status?.containerStatuses) }],
    ["Conditions", { titles: ["Type", "Status", "Reason"], rows: conditionRows(pod) }],
    ["Volumes", { part: (spec?.volumes ?? []).map((volume): Field => [volume.name, volumeText(volume)]) }],
    ["Node-Selectors", mapLines(spec?.nodeSelector)],
    ["Tolerations", (spec?.tolerations ?? []).map(tolerationText)],
  ];
}

function statusText(pod: Stored<"Pod">, now: number): string {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (!deletionTimestamp) return pod.status?.phase ?? summarizePod(pod).reason;
  const grace =
    deletionGracePeriodSeconds === undefined ? "" : `, grace period ${deletionGracePeriodSeconds}s`;
  return `Terminating (since ${humanDuration(Math.max(0, now - Date.parse(deletionTimestamp)))}${grace})`;
}

const conditionRows = ({ status }: Stored<"Pod">): readonly (readonly string[])[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason }) => [type, is, reason ?? ""]);

/** The volume's type is the one field beside its name that is set. */
function volumeText(volume: Volume): string {
  const { emptyDir, hostPath, configMap, secret } = volume;
  if (hostPath) return `HostPath ${hostPath.path}${hostPath.type ? ` (${hostPath.type})` : ""}`;
  if (emptyDir) return ["EmptyDir", emptyDir.medium, emptyDir.sizeLimit].filter(Boolean).join(" ");
  if (configMap) return `ConfigMap ${configMap.name ?? ""}`;
  if (secret) return `Secret ${secret.secretName ?? ""}`;
  return claimVolumeText(volume) ?? Object.keys(volume).find((key) => key !== "name") ?? "unknown";
}

function tolerationText({ key, operator, value, effect, tolerationSeconds }: Toleration): string {
  const what = key ? `${key}${value ? `=${value}` : ""}${effect ? `:${effect}` : ""}` : "every taint";
  const op = operator === "Exists" ? " op=Exists" : "";
  return `${what}${op}${tolerationSeconds === undefined ? "" : ` for ${tolerationSeconds}s`}`;
}
