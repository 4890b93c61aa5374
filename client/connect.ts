// Opens a client: on a NATS connection of its own, or on a bus that a program already has.

import {
  type Bus,
  BusError,
  connectNats,
  createLogger,
  createSystemWorld,
  type Logger,
  type World,
} from "../actors/mod.ts";
import { BerthError, defaultPrefix, inboxPrefix } from "../protocol/mod.ts";
import { BerthClient } from "./client.ts";
import { type ClientWorld, defaultAttemptTimeoutMs, Requester } from "./requester.ts";

export const defaultServer = "nats://127.0.0.1:4222";
export const defaultUser = "admin";
/** Deadline of a call, its tries included: longer than a fail-over of the masters or of the log's servers takes. */
export const defaultTimeoutMs = 30_000;

export interface ClientOptions {
  /** First token of every subject; one per cluster on a shared NATS. */
  readonly prefix?: string;
  /** Who asks: stands in the subjects, where the NATS server's permissions check it. */
  readonly user?: string;
  /** Default deadline of every call. */
  readonly timeoutMs?: number;
  /** One try of a call; then it is sent again, under the same command id. */
  readonly attemptTimeoutMs?: number;
  /** Where no master listens and none has answered yet, calls end after this long. Default: their own deadline. */
  readonly firstAnswerMs?: number;
}

export interface ConnectOptions extends ClientOptions {
  readonly servers?: string | readonly string[];
  /** NATS user and password; `user` is not sent to the NATS server. */
  readonly natsUser?: string;
  readonly natsPassword?: string;
  readonly token?: string;
  /** Text of a NATS credentials file. */
  readonly credentials?: string;
  /** Name of the connection, as `nats server report connections` shows it. */
  readonly name?: string;
  /** Where connection trouble is written. Default: nowhere. */
  readonly logger?: Logger;
}

/** Rejects with BerthError: Disconnected when no server answers, Unauthorized when it refuses. */
export async function connect(options: ConnectOptions = {}): Promise<BerthClient> {
  const { prefix = defaultPrefix, user = defaultUser, servers = defaultServer } = options;
  const world = createSystemWorld(options.logger ?? createLogger({ level: "silent", pretty: false }));
  const connection = await openNats(options, { prefix, user, servers, world });
  return connectWith(connection.bus, { ...options, world, close: () => connection.close() });
}

async function openNats(
  options: ConnectOptions,
  {
    prefix,
    user,
    servers,
    world,
  }: { prefix: string; user: string; servers: string | readonly string[]; world: World },
) {
  const { natsUser, natsPassword, token, credentials, name = `berth-client-${user}` } = options;
  const list = typeof servers === "string" ? servers.split(",") : [...servers];
  try {
    return await connectNats(
      {
        servers: list,
        name,
        inboxPrefix: inboxPrefix(prefix, user),
        ...(natsUser !== undefined && { user: natsUser }),
        ...(natsPassword !== undefined && { password: natsPassword }),
        ...(token !== undefined && { token }),
        ...(credentials !== undefined && { credentials }),
      },
      world,
    );
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    if (error.code === "Denied") {
      const message = `the NATS server at ${list.join(", ")} refuses this user: ${error.message}`;
      throw new BerthError({ code: "Unauthorized", message }, { cause: error });
    }
    const message = `no NATS server answers at ${list.join(", ")}: ${error.message}`;
    throw new BerthError({ code: "Disconnected", message }, { cause: error });
  }
}

export interface EmbedOptions extends ClientOptions {
  readonly world: ClientWorld;
  /** What `client.close()` does; by default nothing, for the bus is someone else's. */
  readonly close?: () => Promise<void>;
}

/** A client on an open bus: for tests, and for programs that hold a connection. */
export function connectWith(bus: Bus, options: EmbedOptions): BerthClient {
  const requester = new Requester({
    bus,
    world: options.world,
    prefix: options.prefix ?? defaultPrefix,
    user: options.user ?? defaultUser,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    firstAnswerMs: options.firstAnswerMs ?? Number.POSITIVE_INFINITY,
    attemptTimeoutMs: options.attemptTimeoutMs ?? defaultAttemptTimeoutMs,
  });
  return new BerthClient(requester, options.close ?? (async () => {}));
}
