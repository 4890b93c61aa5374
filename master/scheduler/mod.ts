// The scheduler: a pure plan from a snapshot of nodes and the pods that wait.
export { planPods } from "./plan.ts";
