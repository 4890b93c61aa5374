// `berth master`: the control plane as a daemon for a real host.

import { hostname } from "node:os";
import { Command } from "commander";
import { z } from "zod";
import { connectNats, createLogger, createSystemWorld } from "../../actors/mod.ts";
import { startMaster } from "../../master/mod.ts";
import { inboxPrefix, logStreamName, logSubject } from "../../protocol/mod.ts";
import { readVersion } from "../version.ts";
import { runDaemon } from "./daemon.ts";
import { readSecretKeys } from "./secret-key-file.ts";
import {
  addSettings,
  cidr,
  connectionSettings,
  durationMs,
  readSettings,
  type Settings,
} from "./settings.ts";

const masterSettings = {
  ...connectionSettings,
  id: {
    schema: z.string().optional(),
    value: "<id>",
    description: "name of this master (default: the host name)",
  },
  replicas: {
    schema: z.coerce.number().int().min(1).max(5).default(1),
    value: "<n>",
    description: "copies of the log: 1 on a single NATS server, 3 in production",
  },
  podCidr: {
    schema: cidr.default("10.244.0.0/16"),
    value: "<cidr>",
    description: "addresses of pods; used when the log is created",
  },
  serviceCidr: {
    schema: cidr.default("10.96.0.0/16"),
    value: "<cidr>",
    description: "addresses of services; used when the log is created",
  },
  secretKeyFile: {
    schema: z.string().optional(),
    value: "<file>",
    description:
      "keys that secrets are sealed with, one a line: 32 random bytes in base64; the first seals, all open",
  },
  horizontalPodAutoscalerSyncPeriod: {
    schema: durationMs.pipe(z.number().min(100).max(3_600_000)).default(15_000),
    value: "<time>",
    description: "how often autoscalers look at their figures (default: 15s)",
  },
  secretKey: {
    schema: z.string().optional(),
    value: "<key>",
    description: "one such key (better in the file or the environment)",
  },
} as const;

export const masterCommand = (): Command =>
  addSettings(
    new Command("master").description("run a master (any number may run; one leads)"),
    masterSettings,
  ).action(async (flags: Record<string, unknown>) => {
    const settings = readSettings(masterSettings, flags, process.env);
    await runDaemon("master", settings.logLevel, () => start(settings));
  });

async function start(settings: Settings<typeof masterSettings>) {
  const logger = createLogger({ level: settings.logLevel });
  const world = createSystemWorld(logger);
  const id = settings.id ?? shortHost();
  const nats = {
    servers: settings.servers,
    name: `berth-master-${id}`,
    inboxPrefix: inboxPrefix(settings.prefix, `master-${id}`),
    waitForServer: true,
    ...(settings.natsUser !== undefined && { user: settings.natsUser }),
    ...(settings.natsPassword !== undefined && { password: settings.natsPassword }),
  };
  const connection = await connectNats(nats, world);
  const master = await startMaster({
    world,
    bus: connection.bus,
    log: connection.eventLog({
      stream: logStreamName(settings.prefix),
      subject: logSubject(settings.prefix),
    }),
    prefix: settings.prefix,
    id,
    version: readVersion(),
    replicas: settings.replicas,
    ...secretKeysOf(settings),
    autoscaleEveryMs: settings.horizontalPodAutoscalerSyncPeriod,
    clusterConfig: { podCidr: settings.podCidr, serviceCidr: settings.serviceCidr },
    readSide: { type: "worker", nats, logger: { level: settings.logLevel } },
  });
  logger.info({ master: id, servers: settings.servers, prefix: settings.prefix }, "master started");
  return {
    failed: master.failed,
    stop: async () => {
      await master.stop();
      await connection.close();
    },
  };
}

/** Without a key the cluster takes no secrets. */
function secretKeysOf({
  secretKeyFile,
  secretKey,
}: Pick<Settings<typeof masterSettings>, "secretKeyFile" | "secretKey">): { secretKeys?: readonly string[] } {
  const lines = secretKeyFile === undefined ? [] : readSecretKeys(secretKeyFile);
  const keys = secretKey === undefined ? lines : [secretKey, ...lines];
  return keys.length === 0 ? {} : { secretKeys: keys };
}

const shortHost = (): string =>
  (hostname().split(".")[0] ?? "master").replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 40);
