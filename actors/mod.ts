// The actor runtime: actors, the bus, the log and the world they live in. Usable without the rest of Berth.
export * from "./actor.ts";
export * from "./bus.ts";
export * from "./connection.ts";
export * from "./log.ts";
export * from "./nats/connect.ts";
export * from "./real/pino-logger.ts";
export * from "./real/system-world.ts";
export * from "./world.ts";
