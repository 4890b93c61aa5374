// Opens a connection to NATS and hands out the bus and the logs on it.

import { readFile } from "node:fs/promises";
import { connect, credsAuthenticator, type ConnectionOptions, type NatsConnection } from "nats";

import { BusError } from "../bus.ts";
import type { Connection } from "../connection.ts";
import type { World } from "../world.ts";
import { NatsBus } from "./bus.ts";
import { toBusError } from "./errors.ts";
import { NatsEventLog } from "./event-log.ts";

export interface NatsOptions {
  /** `nats://host:port`, one or several of a cluster. */
  readonly servers: string | readonly string[];
  /** Shown in the server's lists of connections. */
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Path of a `.creds` file. */
  readonly credentials?: string;
  /** Default `_INBOX`; see inboxPrefix in protocol/. */
  readonly inboxPrefix?: string;
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** Keep trying while no server answers, for daemons that start before theirs. Default: fail. */
  readonly waitForServer?: boolean;
  /** For one attempt to connect. Default 5 s. */
  readonly connectTimeoutMs?: number;
}

const reconnectWaitMs = 50;
const reconnectJitterMs = 200;
const defaultConnectTimeoutMs = 5_000;
/** A server that froze without closing is left after about (maxPingOut + 1) of these. */
const pingIntervalMs = 3_000;
const maxPingOut = 2;
const oldestServer = [2, 12, 7] as const;

/** Rejects with BusError: Disconnected (nobody there), Denied (credentials), Unsupported (server too old). */
export async function connectNats(options: NatsOptions, world: World): Promise<Connection> {
  const connection = await open(options, world);
  try {
    checkVersion(connection.info?.version ?? "unknown");
  } catch (error) {
    await connection.close();
    throw error;
  }
  const bus = new NatsBus(connection, world, options.inboxPrefix);
  const logs: NatsEventLog[] = [];
  return {
    bus,
    eventLog: (logOptions) => {
      const log = new NatsEventLog(bus, world, logOptions);
      logs.push(log);
      return log;
    },
    close: async () => {
      await Promise.all(logs.map((log) => log.close()));
      await bus.close();
    },
  };
}

async function open(options: NatsOptions, world: World): Promise<NatsConnection> {
  const { servers, user, password, token, credentials, tls, inboxPrefix } = options;
  const settings: ConnectionOptions = {
    servers: typeof servers === "string" ? servers : [...servers],
    name: options.name,
    timeout: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
    waitOnFirstConnect: options.waitForServer ?? false,
    maxReconnectAttempts: -1,
    // A server that comes back may refuse us until its own accounts are loaded.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => reconnectWaitMs + world.random.below(reconnectJitterMs),
    pingInterval: pingIntervalMs,
    maxPingOut,
    noAsyncTraces: true,
    // Its own look-up asks a name server alone: without one even "localhost" takes half a minute.
    resolve: false,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(tls !== undefined && { tls: { ...tls } }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
  };
  if (credentials !== undefined) settings.authenticator = credsAuthenticator(await readFile(credentials));
  try {
    return await connect(settings);
  } catch (error) {
    throw toBusError(error, `connecting to NATS at ${[servers].flat().join(", ")}`);
  }
}

/** Older ones have known advisories, and drop unknown configuration silently. */
export function checkVersion(version: string): void {
  const numbers = version.split(/[.-]/).slice(0, 3).map(Number);
  for (const [index, least] of oldestServer.entries()) {
    const found = numbers[index] ?? Number.NaN;
    if (found > least) return;
    if (found === least) continue;
    throw new BusError(
      "Unsupported",
      `nats-server ${version} is too old: Berth needs ${oldestServer.join(".")} or later; upgrade the server`,
    );
  }
}
