// The door of the container runtimes: one interface, three drivers.
export { createDockerRuntime, type DockerRuntimeOptions } from "./docker/docker-runtime.ts";
export { type DockerVersions, type EngineAddress, probeDocker } from "./docker/engine.ts";
export { createProcessRuntime, type ProcessRuntimeOptions } from "./process/process-runtime.ts";
export * from "./runtime.ts";
export * from "./simulated/machine.ts";
export * from "./simulated/program.ts";
export {
  createSimulatedRuntime,
  type SimulatedRuntime,
  type SimulatedRuntimeOptions,
} from "./simulated/simulated-runtime.ts";
