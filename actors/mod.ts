// The actor runtime: actors, the bus, the log and the world they live in. Usable without the rest of Berth.
export * from "./actor.ts";
export * from "./bus.ts";
export * from "./connection.ts";
export * from "./log.ts";
export { MemoryClient } from "./memory/client.ts";
export * from "./memory/hub.ts";
export { silentLogger } from "./memory/silent-logger.ts";
export * from "./memory/virtual-world.ts";
export { connectNats, type NatsOptions } from "./nats/connect.ts";
export * from "./real/pino-logger.ts";
export * from "./real/system-world.ts";
export * from "./remote-ref.ts";
export { createActorSystem } from "./system/actor-system.ts";
export * from "./testkit/memory-logger.ts";
export * from "./testkit/probe.ts";
export * from "./world.ts";
