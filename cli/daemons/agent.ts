// `berth agent`: what runs on every host, as a daemon.

import { hostname } from "node:os";
import { Command } from "commander";
import { z } from "zod";
import { connectNats, createLogger, createSystemWorld, type World } from "../../actors/mod.ts";
import {
  type ContainerRuntime,
  createDockerRuntime,
  createProcessRuntime,
  createServiceProxy,
  nftablesUsable,
  type ServiceProxy,
  startAgent,
} from "../../node-agent/mod.ts";
import { defaultUsageIntervalMs, inboxPrefix, parseNodeName, unwrap } from "../../protocol/mod.ts";
import { readVersion } from "../version.ts";
import { evictionSettings, imageGcOf, pressureSettingsOf } from "./eviction-settings.ts";
import { runDaemon } from "./daemon.ts";
import {
  addSettings,
  connectionSettings,
  durationMs,
  readSettings,
  type Settings,
  textMap,
} from "./settings.ts";

const agentSettings = {
  ...connectionSettings,
  node: {
    schema: z.string().optional(),
    value: "<name>",
    description: "name of this node (default: the host name)",
  },
  cluster: {
    schema: z.string().min(1).optional(),
    value: "<name>",
    description: "marks what is ours on this host (default: the prefix)",
  },
  directory: {
    schema: z.string().default("/var/lib/berth"),
    value: "<folder>",
    description: "the agent's files: records, volumes, logs",
  },
  runtime: {
    schema: z.enum(["docker", "process"]).default("docker"),
    value: "<name>",
    description: "docker or process",
  },
  dockerHost: {
    schema: z.string().optional(),
    value: "<url>",
    description: "Docker engine (default: DOCKER_HOST or the local socket)",
  },
  proxy: {
    schema: z.enum(["auto", "nftables", "userspace", "none"]).default("auto"),
    value: "<kind>",
    description: "how services are reached: auto, nftables, userspace or none",
  },
  dns: {
    schema: z.enum(["auto", "none"]).default("auto"),
    value: "<kind>",
    description: "auto: pods find services by name; none: they resolve as their host does",
  },
  clusterDomain: {
    schema: z.string().min(1).default("cluster.local"),
    value: "<name>",
    description: "domain of the services' names",
  },
  labels: { schema: textMap.default({}), value: "<k=v,…>", description: "labels of this node" },
  cpuMilli: {
    schema: z.coerce.number().int().positive().optional(),
    value: "<n>",
    description: "CPU offered to pods, in thousandths of a core (default: all)",
  },
  memoryBytes: {
    schema: z.coerce.number().int().positive().optional(),
    value: "<n>",
    description: "memory offered to pods (default: all)",
  },
  maxPods: {
    schema: z.coerce.number().int().positive().default(110),
    value: "<n>",
    description: "pods that may run here",
  },
  usageInterval: {
    schema: durationMs.pipe(z.number().min(200).max(300_000)).default(defaultUsageIntervalMs),
    value: "<time>",
    description: "how often the usage of node and containers is measured and published (default: 10s)",
  },
  ...evictionSettings,
  onStop: {
    schema: z.enum(["keep", "remove"]).default("keep"),
    value: "<what>",
    description: "keep: pods run on when the agent stops; remove: they end with it",
  },
} as const;

type AgentSettings = Settings<typeof agentSettings>;

export const agentCommand = (): Command =>
  addSettings(new Command("agent").description("run the agent of this host"), agentSettings).action(
    async (flags: Record<string, unknown>) => {
      const settings = readSettings(agentSettings, flags, process.env);
      await runDaemon("agent", settings.logLevel, () => start(settings));
    },
  );

async function start(settings: AgentSettings) {
  const logger = createLogger({ level: settings.logLevel });
  const world = createSystemWorld(logger);
  const node = unwrap(parseNodeName(settings.node ?? hostname().toLowerCase()));
  const cluster = settings.cluster ?? settings.prefix;
  const connection = await connectNats(
    {
      servers: settings.servers,
      name: `berth-agent-${node}`,
      inboxPrefix: inboxPrefix(settings.prefix, `node-${node}`),
      waitForServer: true,
      ...(settings.natsUser !== undefined && { user: settings.natsUser }),
      ...(settings.natsPassword !== undefined && { password: settings.natsPassword }),
    },
    world,
  );
  const runtime = createRuntime(settings, { cluster, node, world });
  const proxy = await createProxy(settings, cluster, world);
  const agent = await startAgent({
    world,
    bus: connection.bus,
    prefix: settings.prefix,
    node,
    cluster,
    runtime,
    ...(proxy && { proxy }),
    ...(settings.dns === "auto" && { dns: { domain: settings.clusterDomain } }),
    directory: settings.directory,
    labels: settings.labels,
    capacity: {
      ...(settings.cpuMilli !== undefined && { cpuMilli: settings.cpuMilli }),
      ...(settings.memoryBytes !== undefined && { memoryBytes: settings.memoryBytes }),
      pods: settings.maxPods,
    },
    version: readVersion(),
    usageIntervalMs: settings.usageInterval,
    pressure: pressureSettingsOf(settings),
    imageGc: imageGcOf(settings),
  });
  logger.info({ node, runtime: settings.runtime, proxy: proxy?.describe() ?? "none" }, "agent started");
  return {
    failed: agent.failed,
    stop: async () => {
      const removePods = settings.onStop === "remove";
      await agent.stop({ removePods });
      await proxy?.close({ cleanUp: removePods });
      await runtime.close();
      await connection.close();
    },
  };
}

function createRuntime(
  settings: AgentSettings,
  { cluster, node, world }: { cluster: string; node: string; world: World },
): ContainerRuntime {
  const { directory } = settings;
  if (settings.runtime === "process") return createProcessRuntime({ cluster, node, directory, world });
  return createDockerRuntime({
    cluster,
    node,
    world,
    ...(settings.dockerHost !== undefined && { host: settings.dockerHost }),
  });
}

/** nftables needs root and pods with addresses of their own; else a proxy in user space on loopback addresses. */
async function createProxy(
  settings: AgentSettings,
  cluster: string,
  world: World,
): Promise<ServiceProxy | undefined> {
  if (settings.proxy === "none") return undefined;
  if (settings.proxy !== "auto") return createServiceProxy(settings.proxy, { cluster, world });
  const kernel = settings.runtime === "docker" && (await nftablesUsable());
  return createServiceProxy(kernel ? "nftables" : "userspace", { cluster, world });
}
