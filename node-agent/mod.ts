// The node agent: what runs on every host. Entered here only.
export { type AgentHandle, defaultParallelStarts, startAgent } from "./start-agent.ts";
export { defaultImageGc, type ImageGcSettings } from "./images/image-gc.ts";
export {
  defaultEvictionHard,
  defaultPressureIntervalMs,
  defaultTransitionMs,
  parseGraces,
  parseReclaim,
  parseThresholds,
  type PressureSettings,
} from "./pressure/thresholds.ts";
export * from "./network/mod.ts";
export * from "./runtime/mod.ts";
