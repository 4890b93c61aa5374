// A cluster to measure: real nats-server and daemons as child processes, in a temporary folder, and our connection.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Connection,
  connectNats,
  createLogger,
  createSystemWorld,
  type World,
} from "../../../actors/mod.ts";
import { type RunningCluster, startProcesses } from "../../../cli/daemons/dev/processes.ts";
import {
  type ApiReply,
  type ApiRequest,
  apiSubject,
  type ApiTarget,
  decode,
  encode,
  unwrap,
} from "../../../protocol/mod.ts";
import { onInterrupt } from "./interrupt.ts";

export const prefix = "berth";

export interface BenchCluster {
  readonly processes: RunningCluster;
  readonly connection: Connection;
  readonly world: World;
  readonly name: string;
  /** One request to the API; throws what is refused. */
  request(target: BenchTarget, request?: ApiRequest): Promise<Extract<ApiReply, { ok: true }>>;
  stop(): Promise<void>;
}

export type BenchTarget = Omit<ApiTarget, "user" | "group"> & { readonly group?: string };

export interface BenchClusterOptions {
  /** Agents that are daemons; the others a bench registers itself. */
  readonly nodes: number;
  readonly runtime: "docker" | "process";
  /** Second octet of the pods' addresses. */
  readonly octet: number;
}

const requestTimeoutMs = 30_000;
const startTimeoutMs = 30_000;

export async function startBenchCluster({
  nodes,
  runtime,
  octet,
}: BenchClusterOptions): Promise<BenchCluster> {
  const directory = await mkdtemp(join(tmpdir(), "berth-bench-"));
  const name = `bench-${octet}-${process.pid}`;
  const base = runtime === "process" ? "127" : "10";
  const dockerHost = process.env["DOCKER_HOST"];
  const cleanUp: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  };
  const settled = onInterrupt(stop);
  try {
    const processes = await startProcesses({
      directory,
      binaries: join(import.meta.dirname, "..", "..", "..", ".berth", "bin"),
      cluster: name,
      port: 0,
      masters: 1,
      nodes,
      runtime: { name: runtime, why: "bench", ...(runtime === "docker" && dockerHost && { dockerHost }) },
      podCidr: `${base}.${octet}.0.0/16`,
      serviceCidr: `${base}.${octet + 1}.0.0/16`,
      cpuMilli: 1_000_000,
      memoryBytes: 2 ** 40,
      report: () => undefined,
    });
    cleanUp.push(() => processes.stop(() => undefined));
    const world = createSystemWorld(createLogger({ level: "error" }));
    const connection = await connectNats({ servers: processes.url, name: "bench" }, world);
    cleanUp.push(() => connection.close());
    const cluster: BenchCluster = {
      processes,
      connection,
      world,
      name,
      request: (target, request = {}) => ask(connection, target, request),
      stop: async () => {
        settled();
        await stop();
      },
    };
    await Promise.race([leads(cluster), processes.broken.then((why) => Promise.reject(new Error(why)))]);
    return cluster;
  } catch (error) {
    settled();
    await stop();
    throw error;
  }
}

export const subjectOf = (target: BenchTarget): string =>
  apiSubject(prefix, { user: "bench", group: "core", ...target });

async function ask(
  { bus }: Connection,
  target: BenchTarget,
  request: ApiRequest,
  timeoutMs = requestTimeoutMs,
): Promise<Extract<ApiReply, { ok: true }>> {
  const message = await bus.request(subjectOf(target), encode(request), { timeoutMs });
  // What our own master answers needs no check of its schema here: it is the client's to pay for.
  const reply = unwrap(decode(message.data)) as ApiReply;
  if (!reply.ok) throw new Error(`${target.verb} ${target.resource}: ${reply.error.message}`);
  return reply;
}

async function leads(cluster: BenchCluster): Promise<void> {
  const { clock } = cluster.world;
  const giveUpAt = clock.monotonic() + startTimeoutMs;
  for (;;) {
    try {
      // Short: a request that comes while a master starts may find its door open and nobody behind it.
      await ask(cluster.connection, { verb: "list", resource: "namespaces" }, {}, 500);
      return;
    } catch (error) {
      if (clock.monotonic() > giveUpAt) throw error;
      await clock.sleep(100);
    }
  }
}

/** Tries until it is so. */
export async function until(
  world: World,
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const giveUpAt = world.clock.monotonic() + timeoutMs;
  while (!(await isSo())) {
    if (world.clock.monotonic() > giveUpAt) throw new Error(`gave up waiting for ${what}`);
    await world.clock.sleep(100);
  }
}
