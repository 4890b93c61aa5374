// The door of the container runtimes: one interface, three drivers.
export { createProcessRuntime, type ProcessRuntimeOptions } from "./process/process-runtime.ts";
export * from "./runtime.ts";
export * from "./simulated/machine.ts";
export * from "./simulated/program.ts";
export {
  createSimulatedRuntime,
  type SimulatedRuntime,
  type SimulatedRuntimeOptions,
} from "./simulated/simulated-runtime.ts";
