// Priority classes, and crowds of large pods that are of one: they take the place of pods that matter less. What such
// pods owe in the end is what all pods owe, and excuses.ts knows who makes way for whom.

import type { Draw } from "../../engine/draw.ts";
import type { Operation } from "../operation.ts";
import { podTemplate } from "../pods.ts";
import type { SimulatedKind } from "./kind.ts";

const values: Readonly<Record<string, number>> = { urgent: 1_000, batch: -10 };
/** There from the log's beginning: nobody has to make it, and nothing of the workload matters more. */
const systemClass = "system-cluster-critical";

function crowd(draw: Draw): Operation {
  const priorityClassName = draw.pick([...Object.keys(values), systemClass]);
  const name = `crowd-${priorityClassName}`;
  const shape = { cpuMilli: draw.pick([300, 900]), graceSeconds: draw.pick([0, 5, 10]), image: "app:1" };
  return {
    do: "apply",
    object: {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { namespace: "default", name },
      spec: {
        replicas: draw.spread(4, 24),
        selector: { matchLabels: { app: name } },
        template: podTemplate(name, { ...shape, priorityClassName }),
      },
    },
  };
}

export const priorityClass: SimulatedKind = {
  kind: "PriorityClass",
  weight: 1.5,
  names: Object.keys(values),
  manifest: (draw, { name }) => ({
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    value: values[name] ?? 0,
    ...(draw.chance(0.2) && { preemptionPolicy: "Never" }),
  }),
  act: crowd,
  *owes() {
    // Nothing: a class does nothing by itself.
  },
};
