// The cluster's state and its rules.
export * from "./contract.ts";
export { createClusterState } from "./cluster.ts";
export { decide } from "./decide.ts";
export { maxPodsPerCommand } from "./decide-pods.ts";
export { evolve } from "./evolve.ts";
export { foregroundFinalizer, orphanFinalizer } from "./evolve-objects.ts";
export { isFinished } from "./node-table.ts";
export { terminationWaitMs } from "./pod-timers.ts";
export { selectorPredicate } from "./selectors.ts";
export { isReplicator, type ReplicatorSpec, replicatorSpecOf, servesPods, serviceSpecOf } from "./specs.ts";
