// A node as `berth describe` shows it, with the pods that it runs and what they ask of it.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { nodeRoles } from "../printers/nodes.ts";
import { summarizePod } from "../printers/pod-status.ts";
import { cpuText, memoryText } from "../usage-text.ts";
import { type Field, mapLines, timeText } from "./fields.ts";
import { nodeUsageText, type UsageOfNode } from "./usage.ts";

export function nodeFields(
  node: Stored<"Node">,
  pods: readonly Stored<"Pod">[],
  now: number,
  usage: UsageOfNode,
): readonly Field[] {
  const { metadata, spec, status } = node;
  const info = status?.nodeInfo;
  return [
    ["Roles", nodeRoles(node)],
    ["Labels", mapLines(metadata.labels)],
    ["Annotations", mapLines(metadata.annotations, ": ")],
    [
      "Taints",
      (spec?.taints ?? []).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`),
    ],
    ["Unschedulable", spec?.unschedulable ? "true" : "false"],
    [
      "Conditions",
      { titles: ["Type", "Status", "LastTransitionTime", "Reason", "Message"], rows: conditionRows(node) },
    ],
    ["Addresses", (status?.addresses ?? []).map(({ type, address }) => `${type}: ${address}`)],
    ["Capacity", amounts(status?.capacity)],
    ["Allocatable", amounts(status?.allocatable)],
    ["Usage", nodeUsageText(usage.node, now)],
    [
      "System Info",
      info && {
        part: [
          ["Boot ID", info.bootID],
          ["Kernel Version", info.kernelVersion],
          ["OS Image", info.osImage],
          ["Operating System", info.operatingSystem],
          ["Architecture", info.architecture],
          ["Container Runtime", info.containerRuntimeVersion],
          ["Agent Version", info.kubeletVersion],
        ],
      },
    ],
    ["PodCIDR", spec?.podCIDR],
    [
      `Pods (${pods.length} in total)`,
      {
        titles: ["Namespace", "Name", "Status", "CPU Requests", "Memory Requests", "CPU", "Memory", "Age"],
        rows: pods.map((pod) => podRow(pod, now, usage)),
      },
    ],
  ];
}

const conditionRows = ({ status }: Stored<"Node">): readonly (readonly string[])[] =>
  (status?.conditions ?? []).map(({ type, status: is, lastTransitionTime, reason, message }) => [
    type,
    is,
    timeText(lastTransitionTime) ?? "",
    reason ?? "",
    message ?? "",
  ]);

const amounts = (map: Readonly<Record<string, string | number>> | undefined): readonly string[] =>
  Object.entries(map ?? {}).map(([key, value]) => `${key}: ${value}`);

function podRow(pod: Stored<"Pod">, now: number, usage: UsageOfNode): readonly string[] {
  const used = usage.pods.find(
    ({ name, namespace }) => name === pod.metadata.name && namespace === pod.metadata.namespace,
  );
  const requests = (resource: string): string => {
    const asked = (pod.spec?.containers ?? []).flatMap(
      ({ resources }) => resources?.requests?.[resource] ?? [],
    );
    return asked.length === 0 ? "0" : asked.join("+");
  };
  return [
    pod.metadata.namespace ?? "",
    pod.metadata.name ?? "",
    summarizePod(pod).reason,
    requests("cpu"),
    requests("memory"),
    used ? cpuText(used.cpuMilli) : "",
    used ? memoryText(used.memoryBytes) : "",
    ageOf(pod.metadata.creationTimestamp, now),
  ];
}
