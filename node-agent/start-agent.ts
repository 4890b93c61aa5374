// Starts an agent: looks at its machine and runtime, reads its record, and wires bus, pods, services and streams.
// The one function that others call; everything below it gets what it needs from here.

import { createActorSystem } from "../actors/mod.ts";
import {
  defaultUsageIntervalMs,
  encode,
  encodeJson,
  hasLease,
  nodeSubject,
  type Pod,
  type PodReport,
  type Uid,
} from "../protocol/mod.ts";
import { agentActor } from "./agent.ts";
import { configStore, serviceSync } from "./ask-leader.ts";
import type { AgentView } from "./agent-options.ts";
import type { AgentMessage } from "./agent-message.ts";
import { type AgentRecord, parseRecord } from "./agent-record.ts";
import type { ConfigStore } from "./configs/config-store.ts";
import { nodeKey } from "./configs/node-key.ts";
import { type ClusterDns, createClusterDns, type ServiceSource } from "./dns/mod.ts";
import { listen } from "./from-leader.ts";
import type { AgentHost } from "./host/agent-host.ts";
import { systemHost } from "./host/system-host.ts";
import { NodeLeases } from "./leases/node-leases.ts";
import { hostIpOf, type NodeDescription } from "./node-description.ts";
import type { PodFleet } from "./pod-fleet.ts";
import { PodAddresses } from "./pods/addresses.ts";
import { Gate } from "./pods/gate.ts";
import { ImagePuller } from "./pods/image-puller.ts";
import { RuntimeObserver } from "./pods/observer.ts";
import type { PodHost } from "./pods/pod-host.ts";
import { defaultPodTiming } from "./pods/timing.ts";
import type { ContainerRuntime, RuntimeInfo } from "./runtime/runtime.ts";
import type { ServiceSync } from "./service-sync.ts";
import type { ImageKeeper } from "./images/image-keeper.ts";
import type { StartAgentOptions } from "./start-options.ts";
import { imageKeeper, pressureWatch } from "./start-pressure.ts";
import type { PressureWatch } from "./pressure/pressure-watch.ts";
import { UsageReporter } from "./stats/usage-reporter.ts";
import { serviceKey } from "./service-table.ts";
import { VolumeDeleter } from "./volume-deleter.ts";
import { StreamHost } from "./streams/stream-host.ts";

export interface AgentHandle {
  /** Resolves with why the agent gave up: superseded, or broken. The process should end. */
  readonly failed: Promise<Error>;
  /** Without `removePods` containers run on, and the next agent adopts them. */
  stop(options: { readonly removePods: boolean }): Promise<void>;
}

const defaultMaxPods = 110;
export const defaultParallelStarts = 8;
/** Longest wait for pods to end when the agent stops with them. */
const removePodsMs = 120_000;
const agentMailboxLimit = 16_384;

/** Resolves when the agent runs, registered or not. Rejects when the runtime or the record can't be read. */
export async function startAgent(options: StartAgentOptions): Promise<AgentHandle> {
  const { world, bus, prefix, node, cluster, runtime, directory } = options;
  const { clock, random, ids } = world;
  const logger = world.logger.child({ node });
  const host = options.host ?? systemHost(directory);
  const [facts, info, record, keys] = await Promise.all([
    host.facts(),
    runtime.info(),
    loadRecord(host, options),
    nodeKey(host.key, ids),
  ]);
  const description: NodeDescription = {
    node,
    instance: world.ids.uuid(),
    publicKey: keys.publicKey,
    version: options.version,
    facts,
    runtime: info,
    labels: options.labels ?? {},
    capacity: { ...info.capacity, pods: defaultMaxPods, ...options.capacity },
  };
  const view: AgentView = { session: undefined };
  const known = await podsInRuntime(runtime);
  // From here to the agent's start nothing waits: whoever is told something finds everybody there.
  const services = serviceSync(options, view, logger);
  services.remember(record?.services ?? []);
  const fleet: { pods?: PodFleet<AgentMessage> } = {};
  const observer = new RuntimeObserver({
    runtime,
    clock: world.clock,
    logger,
    pods: () => [...(fleet.pods?.uids() ?? [])],
    deliver: (pod, event) => fleet.pods?.deliver(pod, event),
    health: (error) => void agent.send({ type: "runtime-health", error: error?.message }),
  });
  const look = (pod: Uid): void => {
    if (known.has(pod)) return observer.look();
    // Nobody but this agent makes pods here: what it has not made yet is not there.
    known.add(pod);
    const asOf = clock.monotonic();
    fleet.pods?.deliver(pod, { type: "observed", asOf, sandboxes: [], containers: [] });
  };
  const forget = (pod: Uid): void => void known.delete(pod);
  const configs = configStore(options, host, keys, view);
  const leases = new NodeLeases({ host: host.leases, fence: runtime.fence, logger });
  const dns = await clusterDns(options, info, services);
  const images = imageKeeper(options, host, info);
  const watch: { pressure?: PressureWatch } = {};
  const refuses = (pod: Pod): string | undefined => watch.pressure?.refusalOf(pod);
  const podHost = makePodHost({
    options,
    host,
    description,
    services,
    configs,
    leases,
    dns,
    images,
    look,
    forget,
    refuses,
  });
  const system = createActorSystem(`agent-${node}`, { clock, random, ids, logger });
  const own = Promise.withResolvers<Error>();
  const agent = system.spawn(
    "agent",
    agentActor({
      bus,
      prefix,
      node,
      cluster,
      host,
      podHost,
      services,
      configs,
      leases,
      description,
      record,
      view,
      attach: (pods) => {
        fleet.pods = pods;
      },
      giveUp: (error) => own.resolve(error),
    }),
    // Crash-only: the next process finds the record and adopts what runs.
    { mailboxLimit: agentMailboxLimit, supervisor: () => ({ type: "escalate" }) },
  );
  const streams = new StreamHost({ bus, prefix, runtime, clock: world.clock, logger });
  const deleter = new VolumeDeleter({
    claims: podHost.claims,
    logger,
    volumesInUse: () => fleet.pods?.volumes() ?? [],
    tell(message) {
      if (bus.state === "connected")
        bus.publish(nodeSubject(prefix, node, "volume-deleted"), encode(message));
    },
  });
  const listening = listen({
    options,
    view,
    deleter,
    services,
    streams,
    logger,
    tell: (message) => agent.send(message),
  });
  const pressure = pressureWatch({
    options,
    host,
    info,
    images,
    fleet,
    tell: (message) => agent.send(message),
  });
  if (pressure) watch.pressure = pressure;
  const usage = usageReporter(options, host, view, () => fleet.pods?.reports().values() ?? []);
  let stopped: Promise<void> | undefined;
  const end = async (removePods: boolean): Promise<void> => {
    if (removePods) await removeAllPods();
    for (const stop of listening) stop();
    usage.stop();
    pressure?.stop();
    images.stop();
    streams.close();
    services.stop();
    await dns?.close();
    observer.stop();
    view.session = undefined;
    await system.stop();
  };
  const removeAllPods = async (): Promise<void> => {
    try {
      await system.ask<AgentMessage, void>(
        agent,
        (replyTo) => ({ type: "remove-pods", replyTo }),
        removePodsMs,
      );
      await leases.guardEnded(clock);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      logger.error({ error: words }, "not every pod could be removed");
    }
  };
  // One that was superseded acts no more; only its process is left to end.
  void own.promise.then(() => (stopped ??= end(false)));
  return {
    failed: Promise.race([own.promise, system.failed]),
    stop: ({ removePods }) => (stopped ??= end(removePods)),
  };
}

/** Pods that somebody made here before: only for these the runtime has to be asked what there is. */
async function podsInRuntime(runtime: ContainerRuntime): Promise<Set<Uid>> {
  const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(), runtime.listContainers()]);
  return new Set([...sandboxes.map(({ pod }) => pod.uid), ...containers.map(({ pod }) => pod)]);
}

function makePodHost(parts: {
  readonly options: StartAgentOptions;
  readonly host: AgentHost;
  readonly description: NodeDescription;
  readonly services: ServiceSync;
  readonly configs: ConfigStore;
  readonly leases: NodeLeases;
  readonly dns: ClusterDns | undefined;
  readonly look: PodHost["look"];
  readonly forget: PodHost["forget"];
  readonly images: ImageKeeper;
  readonly refuses: NonNullable<PodHost["refuses"]>;
}): PodHost {
  const { options, host, description, services, configs, leases, dns, images, look, forget, refuses } = parts;
  const { cluster, node, runtime, world } = options;
  const { facts, runtime: info } = description;
  return {
    cluster,
    node,
    hostIp: hostIpOf(facts, info),
    runtimeName: info.name,
    runtime,
    volumes: host.volumes,
    claims: host.claims(runtime),
    configs,
    ...(dns && { dns }),
    addresses: info.addressing === "loopback" ? new PodAddresses() : undefined,
    images: new ImagePuller(runtime, (image) => images.pulled(image)),
    starts: new Gate(options.parallelStarts ?? defaultParallelStarts),
    prober: host.prober(runtime, world.clock),
    timing: { ...defaultPodTiming, ...options.timing },
    clock: world.clock,
    logger: world.logger.child({ node }),
    allocatable: description.capacity,
    services: () => services.entries(),
    servicesAt: (position) => services.at(position),
    mayStart: (pod, object) => !hasLease(object) || leases.mayStart(pod),
    look,
    forget,
    refuses,
  };
}

/** Pods with addresses of the host's own loopback find it at their node's gateway, once that is known. */
async function clusterDns(
  { dns, world, cluster }: StartAgentOptions,
  { gateway }: RuntimeInfo,
  services: ServiceSync,
): Promise<ClusterDns | undefined> {
  if (!dns) return undefined;
  const { table } = services;
  const source: ServiceSource = {
    get position() {
      return table.position;
    },
    get: (namespace, name) => table.get(serviceKey(namespace, name)),
    entries: () => table.entries(),
  };
  const made = createClusterDns({ ...dns, world, cluster, services: source, shared: gateway !== undefined });
  if (gateway !== undefined) await made.listen(gateway);
  return made;
}

function usageReporter(
  { bus, prefix, node, world, runtime, usageIntervalMs = defaultUsageIntervalMs }: StartAgentOptions,
  host: AgentHost,
  view: AgentView,
  pods: () => Iterable<PodReport>,
): UsageReporter {
  return new UsageReporter({
    runtime,
    pods,
    clock: world.clock,
    logger: world.logger.child({ node }),
    intervalMs: usageIntervalMs,
    node: () => host.usage(),
    session: () => (bus.state === "connected" ? view.session : undefined),
    publish: (message) => bus.publish(nodeSubject(prefix, node, "usage"), encodeJson(message)),
  });
}

async function loadRecord(host: AgentHost, options: StartAgentOptions): Promise<AgentRecord | undefined> {
  const { node, cluster, directory, world } = options;
  const text = await host.record.load();
  if (text === undefined) return undefined;
  const record = parseRecord(text);
  if (!record.ok) {
    // The masters know what is wanted; only what was obeyed last is lost.
    world.logger.error(
      { node, directory, error: record.error.message },
      "the agent's record is unreadable; starting without",
    );
    return undefined;
  }
  const { value } = record;
  if (value.node === node && value.cluster === cluster) return value;
  throw new Error(
    `the directory ${directory} belongs to node ${value.node} of cluster ${value.cluster}, ` +
      `not to node ${node} of cluster ${cluster}: give each agent a directory of its own`,
  );
}
