// What Berth brings along to run on a machine: nats-server and its settings.
export { ensureNatsServer, type NatsBinary, type NatsServer, startNatsServer } from "./nats/mod.ts";
export { type DebianArchive, decompressed, withDebianArchive } from "./debian/mod.ts";
