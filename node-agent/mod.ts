// The node agent: what runs on every host. Entered here only.
export { type AgentHandle, defaultParallelStarts, startAgent } from "./start-agent.ts";
export * from "./network/mod.ts";
export * from "./runtime/mod.ts";
