// A whole cluster for a test: real daemons as child processes, files in a folder of their own, and a client.

import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { type RunningCluster, startProcesses } from "../../cli/daemons/dev/processes.ts";
import { type BerthClient, connect, type Stored } from "../../client/mod.ts";

export interface TestCluster {
  readonly client: BerthClient;
  readonly url: string;
  readonly directory: string;
  readonly cluster: string;
  readonly processes: RunningCluster;
  /** SIGKILL, and wait until it is gone. */
  kill(daemon: string): Promise<void>;
  /** SIGTERM, and wait until it is gone. */
  terminate(daemon: string): Promise<void>;
  /** Pods of the default namespace that match and are ready. */
  ready(labelSelector: string): Promise<Stored<"Pod">[]>;
  waitReady(labelSelector: string, count: number): Promise<Stored<"Pod">[]>;
  /** Stops everything, then proves that nothing of it is left. */
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  readonly runtime: "docker" | "process";
  readonly nodes?: number;
  readonly masters?: number;
  /** Second octet of the loopback ranges, so that suites do not share addresses. */
  readonly octet: number;
  /** Of every master: `["--horizontal-pod-autoscaler-sync-period", "1s"]`. */
  readonly masterArguments?: readonly string[];
  /** Of every agent: `["--usage-interval", "1s"]`. */
  readonly agentArguments?: readonly string[];
  /** Where an agent dials instead of the server itself. */
  readonly agentServers?: (url: string, name: string) => string;
}

const readyTimeoutMs = 60_000;

export async function startTestCluster(options: TestClusterOptions): Promise<TestCluster> {
  const { runtime, octet, nodes = 3, masters = 1 } = options;
  const directory = await mkdtemp(join(tmpdir(), "berth-cluster-"));
  const cluster = `test-${octet}-${process.pid}`;
  const base = runtime === "process" ? "127" : "10";
  const dockerHost = process.env["DOCKER_HOST"];
  const processes = await startProcesses({
    directory,
    binaries: join(import.meta.dirname, "..", "..", ".berth", "bin"),
    cluster,
    port: 0,
    masters,
    nodes,
    runtime: { name: runtime, why: "test", ...(runtime === "docker" && dockerHost && { dockerHost }) },
    podCidr: `${base}.${octet}.0.0/16`,
    serviceCidr: `${base}.${octet + 1}.0.0/16`,
    cpuMilli: 4000,
    memoryBytes: 4 * 2 ** 30,
    report: () => undefined,
    ...(options.masterArguments && { masterArguments: options.masterArguments }),
    ...(options.agentArguments && { agentArguments: options.agentArguments }),
    ...(options.agentServers && { agentServers: options.agentServers }),
  });
  const client = await connect({ servers: [processes.url], timeoutMs: 30_000 });
  const ready = async (labelSelector: string): Promise<Stored<"Pod">[]> => {
    const pods = await client.list("Pod", { namespace: "default", labelSelector });
    return pods.filter(isReady);
  };
  const end = async (daemon: string, signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    const child = processes.daemons.get(daemon);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await gone;
  };
  const made: TestCluster = {
    client,
    url: processes.url,
    directory,
    cluster,
    processes,
    kill: (daemon) => end(daemon, "SIGKILL"),
    terminate: (daemon) => end(daemon, "SIGTERM"),
    ready,
    waitReady: async (labelSelector, count) => {
      await eventually(async () => expect(await ready(labelSelector)).toHaveLength(count));
      return ready(labelSelector);
    },
    stop: async () => {
      await client.close();
      await processes.stop(() => undefined);
      await expectNothingLeft(directory, cluster);
      await rm(directory, { recursive: true, force: true });
    },
  };
  await eventually(async () => {
    const found = await client.list("Node");
    expect(found.filter(isReady)).toHaveLength(nodes);
  });
  return made;
}

export const isReady = (object: {
  readonly metadata?: { readonly deletionTimestamp?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}): boolean =>
  object.metadata?.deletionTimestamp === undefined &&
  (object.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");

/** Tries until the assertion holds; fails with its last error. */
export async function eventually(assertion: () => Promise<void>, timeoutMs = readyTimeoutMs): Promise<void> {
  await vi.waitFor(assertion, { timeout: timeoutMs, interval: 100 });
}

/** Processes, containers, mounts and rules of a cluster that has stopped. */
export async function expectNothingLeft(directory: string, cluster: string): Promise<void> {
  const processes: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (Number(pid) !== process.pid && (commandLine + environment).includes(directory)) {
      processes.push(`${pid}: ${commandLine.replaceAll("\0", " ")}`);
    }
  }
  expect(processes, "processes left behind").toEqual([]);
  const mounts = (await readFile("/proc/mounts", "utf8"))
    .split("\n")
    .filter((line) => line.includes(directory));
  expect(mounts, "mounts left behind").toEqual([]);
  if (!process.env["BERTH_OWN_HOST"]) return;
  const containers = execFileSync("docker", ["ps", "-aq", "--filter", `label=io.berth.cluster=${cluster}`]);
  expect(containers.toString(), "containers left behind").toBe("");
  expect(execFileSync("nft", ["list", "tables"]).toString(), "rules left behind").not.toContain("berth_");
}
