// The node agent: what runs on every host. Entered here only.
export { type AgentHandle, startAgent, type StartAgentOptions } from "./start-agent.ts";
export type { AgentHost, HostFacts, RecordStore, Usage } from "./host/agent-host.ts";
export { memoryRecord, simulatedHost, type SimulatedHostOptions } from "./host/simulated-host.ts";
export { defaultPodTiming, type PodTiming } from "./pods/timing.ts";
export type { Prober, ProbeOutcome, ProbeTarget } from "./pods/prober.ts";
export * from "./runtime/mod.ts";
export * from "./network/mod.ts";
