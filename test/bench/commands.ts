// Commands from request to reply, through decide, scheduler, commit and publication, beside a bare loop that only
// publishes the same requests to a stream of the same server. Rounds of both alternate, and medians are compared.

import { decode, encode, positionZero, unwrap } from "../../protocol/mod.ts";
import { type Figure, median } from "./report.ts";
import { type BenchCluster, startBenchCluster, subjectOf } from "./support/bench-cluster.ts";
import { startScriptedNode } from "./support/scripted-node.ts";

const inFlight = 64;
const commandsPerRound = 3_000;
const warmUpCommands = 2_000;
const rounds = 7;
const nodeCount = 3;
const timeoutMs = 30_000;

export async function benchCommands(report: (line: string) => void): Promise<readonly Figure[]> {
  const cluster = await startBenchCluster({ nodes: 0, runtime: "process", octet: 51 });
  try {
    const nodes = [];
    for (let number = 1; number <= nodeCount; number++) {
      nodes.push(await startScriptedNode(cluster, `n${number}`));
    }
    const bare = await createBareStream(cluster);
    const berth = await listenToBindings(cluster);
    await berth.round(warmUpCommands);
    await bare(warmUpCommands);
    const rates = { berth: [] as number[], bare: [] as number[] };
    for (let round = 1; round <= rounds; round++) {
      rates.berth.push(commandsPerRound / (await berth.round(commandsPerRound)));
      rates.bare.push(commandsPerRound / (await bare(commandsPerRound)));
      report(`round ${round}: ${Math.round(rates.berth.at(-1) ?? 0)} commands/s, bare ${Math.round(rates.bare.at(-1) ?? 0)}/s`);
    }
    return [
      {
        name: `pods created with ${inFlight} in flight, scheduled, committed and published`,
        value: median(rates.berth),
        unit: "commands/s",
        reference: { name: "the same requests published to a stream and nothing else", value: median(rates.bare) },
        atLeast: 0.5,
      },
    ];
  } finally {
    await cluster.stop();
  }
}

let podNumber = 0;
function nextRequest(): Uint8Array {
  const name = `web-${podNumber++}`;
  return encode({
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", labels: { app: "web", run: name } },
      spec: {
        containers: [
          {
            name: "web",
            image: "web:1",
            ports: [{ containerPort: 8080 }],
            resources: { requests: { cpu: "10m", memory: "16Mi" } },
          },
        ],
      },
    },
    commandId: `bench-${name}`,
    sentAt: Date.now(),
  });
}

/** Seconds until the last reply has come; `send` keeps at most `inFlight` waiting. */
async function pipelined(count: number, send: (data: Uint8Array) => Promise<void>): Promise<number> {
  const started = performance.now();
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await send(nextRequest());
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (performance.now() - started) / 1000;
}

/** Every request creates a pod, and a round ends when its last binding has been published as JSON, too. */
async function listenToBindings({ connection: { bus } }: BenchCluster) {
  let published = 0;
  let reached: (() => void) | undefined;
  let awaited = Number.POSITIVE_INFINITY;
  bus.subscribe("berth.events.*.Pod.*.PodBound", () => {
    if (++published === awaited) reached?.();
  });
  await bus.flush();
  const subject = subjectOf({ verb: "create", resource: "pods", namespace: "default" });
  return {
    async round(count: number): Promise<number> {
      const started = performance.now();
      awaited = published + count;
      const all = new Promise<void>((resolve) => {
        reached = resolve;
      });
      await pipelined(count, async (data) => {
        const reply = unwrap(decode((await bus.request(subject, data, { timeoutMs })).data));
        if (!isOk(reply)) throw new Error(`a command was refused: ${JSON.stringify(reply)}`);
      });
      await all;
      return (performance.now() - started) / 1000;
    },
  };
}

const isOk = (reply: unknown): boolean =>
  typeof reply === "object" && reply !== null && "ok" in reply && reply.ok === true;

async function createBareStream({ connection }: BenchCluster): Promise<(count: number) => Promise<number>> {
  const { bus } = connection;
  const subject = "bench.bare";
  await connection.eventLog({ stream: "BENCH_BARE", subject }).ensure({ replicas: 1 });
  return async (count) =>
    await pipelined(count, async (data) => {
      const acknowledgement = Buffer.from((await bus.request(subject, data, { timeoutMs })).data).toString();
      if (!acknowledgement.includes('"seq"')) throw new Error(`not stored: ${acknowledgement}`);
    });
}
