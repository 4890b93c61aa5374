// The cluster's state and its rules.
export * from "./contract.ts";
export * from "./batch-specs.ts";
export { type Amount, amountOf } from "./amount.ts";
export { jobDueAt, scheduledSince } from "./batch-timers.ts";
export { unreachableReason } from "./decide-fencing.ts";
export { leasedPods, mayRunStill } from "./identity.ts";
export { isRunning } from "./pod-deletion.ts";
export {
  changedConfigs,
  configHashKey,
  configHashOf,
  knownConfigHashes,
  withConfigHash,
} from "./config-hash.ts";
export { controllerOf } from "./controlling.ts";
export { priorityOf, withPriority } from "./priorities.ts";
export { isDisrupted } from "./disruption-target.ts";
export { type BudgetCount, budgetStatusOf, countBudget, isHealthy } from "./disruption-budgets.ts";
export { daemonSetHash, daemonTemplate, targetNodeOf } from "./daemon-template.ts";
export { createClusterState } from "./cluster.ts";
export { decide } from "./decide.ts";
export { notFound } from "./deciding.ts";
export { maxPodsPerCommand } from "./decide-pods.ts";
export { evolve } from "./evolve.ts";
export { foregroundFinalizer, orphanFinalizer } from "./evolve-objects.ts";
export { isFinished } from "./node-table.ts";
export { closedGate } from "./pod-gates.ts";
export { daemonRetryMs, terminationWaitMs } from "./pod-timers.ts";
export {
  conditionOf,
  type DeploymentCondition,
  deploymentStatusOf,
  progressDueAt,
  progressReasons,
} from "./rollout-progress.ts";
export { nodeAffinityMatcher } from "./node-affinity.ts";
export { toleratedUntil } from "./taint-tolerance.ts";
export { tolerates } from "./tolerations.ts";
export { selectorPredicate } from "./selectors.ts";
export { revisionTemplate } from "./member-template.ts";
export { templateHash } from "./template-hash.ts";
export { timestamp } from "./timestamps.ts";
export {
  daemonSetSpecOf,
  type DaemonSetSpec,
  deploymentSpecOf,
  type DeploymentSpec,
  type DeploymentStatus,
} from "./specs.ts";
export { podSelectorOf } from "./specs.ts";
export { isReplicator, type ReplicatorSpec, replicatorSpecOf, servesPods, serviceSpecOf } from "./specs.ts";
