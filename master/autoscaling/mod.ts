// Autoscalers: how many replicas figures ask for, and the leader's rounds over them.
export { createAutoscalerDesk, defaultAutoscaleEveryMs } from "./autoscaler-desk.ts";
export { withLiveMetrics } from "./live-metrics.ts";
export { measuresOf } from "./measures.ts";
