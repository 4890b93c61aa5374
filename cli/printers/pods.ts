// Columns of pods.

import type { Stored } from "../../client/mod.ts";
import { ageOf } from "../age.ts";
import { type Column, orNone } from "./column.ts";
import { restartText, summarizePod } from "./pod-status.ts";

type Pod = Stored<"Pod">;

export const podColumns: readonly Column<Pod>[] = [
  { title: "NAME", value: (pod) => pod.metadata.name ?? "" },
  {
    title: "READY",
    value: (pod) => {
      const { ready, total } = summarizePod(pod);
      return `${ready}/${total}`;
    },
  },
  { title: "STATUS", value: (pod) => summarizePod(pod).reason },
  { title: "RESTARTS", value: (pod, { now }) => restartText(summarizePod(pod), now) },
  { title: "AGE", value: (pod, { now }) => ageOf(pod.metadata.creationTimestamp, now) },
  { title: "IP", wide: true, value: (pod) => orNone(pod.status?.podIP) },
  { title: "NODE", wide: true, value: (pod) => orNone(pod.spec?.nodeName) },
  { title: "NOMINATED NODE", wide: true, value: (pod) => orNone(pod.status?.nominatedNodeName) },
  { title: "READINESS GATES", wide: true, value: readinessGates },
];

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return orNone(undefined);
  const met = gates.filter(({ conditionType }) =>
    pod.status?.conditions?.some(({ type, status }) => type === conditionType && status === "True"),
  );
  return `${met.length}/${gates.length}`;
}
