// The cluster's state and its rules.
export * from "./contract.ts";
export { createClusterState, terminationWaitMs } from "./cluster.ts";
export { evolve } from "./evolve.ts";
