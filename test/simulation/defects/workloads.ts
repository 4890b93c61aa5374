// Mistakes of the controllers of Deployments, DaemonSets and StatefulSets: bounds that are not kept, an order that is
// not waited for, an identity that is given twice.

import type { Defect } from "./defect.ts";

const scaling = "master/controllers/deployment-scaling.ts";
const daemonUpdate = "master/controllers/daemon-set-update.ts";
const statefulSteps = "master/controllers/stateful-set-steps.ts";

export const workloadDefects: readonly Defect[] = [
  {
    name: "range-is-forgotten",
    about: "an autoscaler goes above what it may have at the most",
    patches: [
      {
        file: "master/autoscaling/behavior.ts",
        find: "if (desired > Math.min(range.max, fastest)) {",
        put: "if (desired > fastest) {",
      },
    ],
  },
  {
    name: "surge-is-forgotten",
    about: "a rolling update makes all new pods at once",
    patches: [
      {
        file: scaling,
        find: "const room = Math.max(0, wanted + bounds.maxSurge - total);",
        put: "const room = Math.max(wanted, total);",
      },
    ],
  },
  {
    name: "unavailable-pods-count",
    about: "a rolling update takes new pods for available as soon as they are asked for",
    patches: [
      {
        file: scaling,
        find: "const unavailable = fresh.replicas - availableOf(fresh);",
        put: "const unavailable = 0;",
      },
      {
        file: scaling,
        find: "let surplus = sumOf([...old, fresh], availableOf) - least;",
        put: "let surplus = sumOf([...old, fresh], replicasOf) - least;",
      },
    ],
  },
  {
    name: "recreate-does-not-wait",
    about: "Recreate makes new pods while old ones are ending",
    patches: [
      {
        file: scaling,
        find: 'if (old.some(({ counts }) => counts.running > 0)) return "wait";',
        put: 'if (old.some(({ counts }) => counts.running < 0)) return "wait";',
      },
    ],
  },
  {
    name: "paused-rollout-goes-on",
    about: "a deployment that is paused takes up a new template",
    patches: [
      {
        file: "master/controllers/deployment.ts",
        find: "if (scaled.length > 0 || spec.paused) return scaled;",
        put: "if (scaled.length > 0) return scaled;",
      },
    ],
  },
  {
    name: "deadline-is-never-due",
    about: "nothing wakes a deployment whose rollout makes no progress",
    patches: [
      {
        file: "master/cluster/object-timers.ts",
        find: 'if (kind === "Deployment") return dueAt(',
        put: 'if (kind === "Deployment" && row.position < 0) return dueAt(',
      },
    ],
  },
  {
    name: "working-pods-go-first",
    about: "of too many pods those that are ready are taken away",
    patches: [
      {
        file: "master/controllers/victims.ts",
        find: 'pod.ready && node?.state === "Ready" ? 1 : 0,',
        put: 'pod.ready && node?.state === "Ready" ? -1 : 0,',
      },
      {
        file: "master/controllers/victims.ts",
        find: 'pod.status.phase === "Running" ? 1 : 0,',
        put: 'pod.status.phase === "Running" ? -1 : 0,',
      },
    ],
  },
  {
    name: "daemon-ignores-taints",
    about: "a daemon set puts pods on nodes whose taints they do not tolerate",
    patches: [
      {
        file: "master/controllers/daemon-set-nodes.ts",
        find: 'return { wanted: refused.length === 0 && node.state !== "Lost", kept };',
        put: 'return { wanted: node.state !== "Lost", kept: true };',
      },
    ],
  },
  {
    name: "daemon-takes-all-at-once",
    about: "an update of a daemon set takes every old pod away at once",
    patches: [
      {
        file: daemonUpdate,
        find: "const room = Math.max(0, bounds.maxUnavailable - unavailable);",
        put: "const room = candidates.length + unavailable;",
      },
    ],
  },
  {
    name: "daemon-surges-everywhere",
    about: "an update of a daemon set puts a second pod on every node at once",
    patches: [
      {
        file: daemonUpdate,
        find: "const room = Math.max(0, bounds.maxSurge - surging);",
        put: "const room = candidates.length + surging;",
      },
    ],
  },
  {
    name: "ordinals-out-of-order",
    about: "a stateful set makes a pod before the one below it is ready",
    patches: [
      {
        file: statefulSteps,
        find: "else if (inOrder && !isAvailable(pod, view)) return",
        put: "else if (inOrder && pod.node === undefined) return",
      },
    ],
  },
  {
    name: "ends-from-the-bottom",
    about: "a stateful set that is scaled down ends the lowest ordinal first",
    patches: [
      {
        file: "master/controllers/stateful-set-pods.ts",
        find: "condemned.sort((left, right) => right.ordinal - left.ordinal)",
        put: "condemned.sort((left, right) => left.ordinal - right.ordinal)",
      },
    ],
  },
  {
    name: "partition-is-ignored",
    about: "an update of a stateful set goes on below its partition",
    patches: [
      {
        file: statefulSteps,
        find: "for (let index = pods.replicas.length - 1; index >= partitionOf(spec); index--) {",
        put: "for (let index = pods.replicas.length - 1; index >= 0; index--) {",
      },
    ],
  },
  {
    name: "update-does-not-wait",
    about: "an update of a stateful set takes the next pod before the last one is back",
    patches: [
      {
        file: statefulSteps,
        find: "if (!pod || pod.deletion) return [];\n    if (revisionOf",
        put: "if (!pod || pod.deletion) continue;\n    if (revisionOf",
      },
      {
        file: statefulSteps,
        find: "    if (!isAvailable(pod, view)) return [];\n  }\n  return [];",
        put: "  }\n  return [];",
      },
      {
        file: statefulSteps,
        find: "else if (inOrder && !isAvailable(pod, view)) return",
        put: "else if (inOrder && isFinished(pod)) return",
      },
    ],
  },
  {
    name: "successor-before-the-proof",
    about: "an identity on a lost node is made again while the old one may still run",
    patches: [
      {
        file: "master/cluster/identity.ts",
        find: "if (!node || node.fenced) return false;",
        put: "if (!node || node.state) return false;",
      },
    ],
  },
  {
    name: "budget-is-forgotten",
    about: "an eviction takes a pod that its disruption budget needs",
    patches: [
      {
        file: "master/cluster/decide-eviction.ts",
        find: "if (disruptionsAllowed > 0) return undefined;",
        put: "if (disruptionsAllowed >= 0) return undefined;",
      },
    ],
  },
];
