// Memory of a master with 10,000 pods on scripted nodes, and of an agent with 1,000 simulated pods: at rest, and what
// a thousand pods add. The master's two threads each hold the cluster once: for its turns, and for reads.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger, createSystemWorld } from "../../actors/mod.ts";
import { replicationController } from "../../master/testkit/test-client.ts";
import { progressLine, type Report } from "./progress.ts";
import type { Figure } from "./report.ts";
import { type BenchCluster, startBenchCluster, until } from "./support/bench-cluster.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { createMemoryProbe, type Memory, type MemoryProbe } from "./support/memory.ts";
import { type ScriptedNode, startScriptedNode } from "./support/scripted-node.ts";

const masterPods = 10_000;
const agentPods = 1_000;
const nodeCount = 10;
const masterThreads = 2;
const settleMs = 2_000;

export async function benchMemory(report: Report): Promise<readonly Figure[]> {
  const world = createSystemWorld(createLogger({ level: "error" }));
  const probe = await createMemoryProbe(world);
  try {
    return [...(await measureMaster(probe, report)), ...(await measureAgent(probe, report))];
  } finally {
    await probe.close();
  }
}

async function measureMaster(probe: MemoryProbe, report: Report): Promise<readonly Figure[]> {
  const cluster = await startBenchCluster({ nodes: 0, runtime: "process", octet: 55 });
  const nodes: ScriptedNode[] = [];
  try {
    const pid = cluster.processes.daemons.get("master-1")?.pid ?? 0;
    while (nodes.length < nodeCount) {
      nodes.push(await startScriptedNode(cluster, `n${nodes.length + 1}`, { reports: true }));
    }
    await cluster.world.clock.sleep(settleMs);
    const atRest = await probe.measure(pid, masterThreads);
    report(progressLine("master at rest", columns(atRest)));
    await runPods(cluster, masterPods);
    const full = await probe.measure(pid, masterThreads);
    report(progressLine(`master with ${masterPods} pods`, columns(full)));
    return figures("master", atRest, full, masterPods);
  } finally {
    for (const node of nodes) node.stop();
    await cluster.stop();
  }
}

async function measureAgent(probe: MemoryProbe, report: Report): Promise<readonly Figure[]> {
  const cluster = await startBenchCluster({ nodes: 0, runtime: "process", octet: 57 });
  const directory = await mkdtemp(join(tmpdir(), "berth-bench-agent-"));
  const program = fileURLToPath(new URL("support/simulated-agent.ts", import.meta.url));
  const args = [program, cluster.processes.url, "n1", directory];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  const settled = onInterrupt(end);
  try {
    await until(cluster.world, "the agent to register", async () => {
      const reply = await cluster.request({ verb: "list", resource: "nodes" });
      return reply.type === "list" && reply.items.length === 1;
    });
    await cluster.world.clock.sleep(settleMs);
    const atRest = await probe.measure(child.pid ?? 0, 1);
    report(progressLine("agent at rest", columns(atRest)));
    await runPods(cluster, agentPods);
    const full = await probe.measure(child.pid ?? 0, 1);
    report(progressLine(`agent with ${agentPods} pods`, columns(full)));
    return figures("agent", atRest, full, agentPods);
  } finally {
    await end();
    settled();
    await cluster.stop();
  }
}

/** Until all are ready, and what came with that has been said and folded. */
async function runPods(cluster: BenchCluster, replicas: number): Promise<void> {
  const target = { resource: "replicationcontrollers", namespace: "default" } as const;
  await cluster.request(
    { verb: "create", ...target },
    { object: replicationController("many", replicas, "1m") },
  );
  await until(cluster.world, `${replicas} ready pods`, async () => {
    await cluster.world.clock.sleep(250);
    const reply = await cluster.request({ verb: "get", ...target, name: "many" });
    return reply.type === "object" && readyReplicas(reply.object.status) === replicas;
  });
  await cluster.world.clock.sleep(settleMs);
}

const readyReplicas = (status: unknown): unknown =>
  typeof status === "object" && status !== null && "readyReplicas" in status
    ? status.readyReplicas
    : undefined;

const mebibytes = (bytes: number): number => bytes / 2 ** 20;
const columns = ({ residentBytes, heapBytes }: Memory) =>
  ({ resident: [mebibytes(residentBytes), "MiB"], heap: [mebibytes(heapBytes), "MiB"] }) as const;

function figures(who: string, atRest: Memory, full: Memory, pods: number): readonly Figure[] {
  const perThousand = (before: number, after: number): number => (mebibytes(after - before) * 1_000) / pods;
  const unit = "MiB";
  return [
    {
      name: `memory of ${who === "agent" ? "an" : "a"} ${who} at rest, resident`,
      value: mebibytes(atRest.residentBytes),
      unit,
    },
    { name: `of it, its heap`, value: mebibytes(atRest.heapBytes), unit },
    {
      name: `memory that 1,000 pods add to it (measured with ${pods.toLocaleString("en")}), resident`,
      value: perThousand(atRest.residentBytes, full.residentBytes),
      unit,
    },
    { name: `of it, its heap`, value: perThousand(atRest.heapBytes, full.heapBytes), unit },
  ];
}
