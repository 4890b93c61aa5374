// nats-server for Berth: find or install a binary, run it with the right settings.
export { ensureNatsServer, type NatsBinary } from "./install.ts";
export { type NatsServer, startNatsServer } from "./server.ts";
