// nats-server for Berth: find or install a binary, run it with the right settings.
export { ensureNatsServer, findNatsServer, type NatsBinary } from "./install.ts";
export { type NatsServer, type NatsServerOptions, natsConfiguration, startNatsServer } from "./server.ts";
export { isSupportedServer, oldestNatsServer, parseServerVersion } from "./version.ts";
