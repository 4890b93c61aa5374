// Commands from request to reply, through decide, scheduler, commit and publication, beside a bare loop that only
// publishes the same requests to a stream of the same server. Rounds of both alternate, and medians are compared.

import { replicationController } from "../../master/testkit/test-client.ts";
import { decode, encode, logStreamName, logSubject, unwrap } from "../../protocol/mod.ts";
import { progressLine, type Report } from "./progress.ts";
import { type Figure, paired } from "./report.ts";
import { type BenchCluster, prefix, startBenchCluster, subjectOf } from "./support/bench-cluster.ts";
import { cpuSeconds } from "./support/process-usage.ts";
import { type ScriptedNode, startScriptedNode } from "./support/scripted-node.ts";

const inFlight = 64;
const commandsPerRound = 1_500;
const warmUpCommands = 3_000;
const rounds = 15;
const replicas = 1_000;
const largeRounds = 5;
const nodeCount = 3;
const timeoutMs = 30_000;

export async function benchCommands(report: Report): Promise<readonly Figure[]> {
  const cluster = await startBenchCluster({ nodes: 0, runtime: "process", octet: 51 });
  const nodes: ScriptedNode[] = [];
  try {
    while (nodes.length < nodeCount) nodes.push(await startScriptedNode(cluster, `n${nodes.length + 1}`));
    const bare = await createBareStream(cluster);
    return [await compareCommands(cluster, bare, report), await compareEvents(cluster, bare, report)];
  } finally {
    for (const node of nodes) node.stop();
    await cluster.stop();
  }
}

/** Seconds that it takes to publish so many messages and have each acknowledged. */
type Bare = (count: number, next: () => Uint8Array) => Promise<number>;

async function compareCommands(cluster: BenchCluster, bare: Bare, report: Report): Promise<Figure> {
  const create = createPods(cluster);
  const master = cluster.processes.daemons.get("master-1")?.pid ?? 0;
  await create(warmUpCommands);
  await bare(warmUpCommands, nextRequest);
  const rates = { berth: [] as number[], bare: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    const before = await cpuSeconds(master);
    rates.berth.push(commandsPerRound / (await create(commandsPerRound)));
    const cpuMs = ((await cpuSeconds(master)) - before) * 1000;
    rates.bare.push(commandsPerRound / (await bare(commandsPerRound, nextRequest)));
    report(
      progressLine(`commands, round ${round}/${rounds}`, {
        Berth: [newest(rates.berth), "commands/s"],
        bare: [newest(rates.bare), "messages/s"],
        "CPU of the master": [cpuMs / commandsPerRound, "ms a command"],
      }),
    );
  }
  return {
    name: `pods created with ${inFlight} in flight, each scheduled, committed and published`,
    ...paired(rates.berth, rates.bare, "the same requests published to a stream and nothing else"),
    unit: "commands/s",
    atLeast: 0.5,
  };
}

async function compareEvents(cluster: BenchCluster, bare: Bare, report: Report): Promise<Figure> {
  const rates = { berth: [] as number[], bare: [] as number[] };
  for (let round = 1; round <= largeRounds; round++) {
    const { events, bytes, seconds } = await createReplicas(cluster, `large-${round}`);
    rates.berth.push(events / seconds);
    const data = new Uint8Array(Math.ceil(bytes / events));
    rates.bare.push(events / (await bare(events, () => data)));
    report(
      progressLine(`large command, round ${round}/${largeRounds}`, {
        Berth: [newest(rates.berth), "events/s"],
        bare: [newest(rates.bare), "messages/s"],
        each: [data.length, "bytes"],
      }),
    );
  }
  return {
    name: `events when one command creates ${replicas.toLocaleString("en")} pods, until all are bound and published`,
    ...paired(rates.berth, rates.bare, "as many messages of an event's size, published one by one"),
    unit: "events/s",
  };
}

const newest = (rates: readonly number[]): number => rates.at(-1) ?? 0;

/** One controller with many replicas; answers when every binding has been heard as JSON. */
async function createReplicas(cluster: BenchCluster, name: string) {
  const { bus } = cluster.connection;
  const log = cluster.connection.eventLog({ stream: logStreamName(prefix), subject: logSubject(prefix) });
  const before = await log.info();
  const { position: first } = await cluster.request({ verb: "list", resource: "namespaces" });
  const bound = Promise.withResolvers<number>();
  let heard = 0;
  const subscription = bus.subscribe(`berth.events.default.Pod.*.PodBound`, ({ data }) => {
    if (++heard === replicas) bound.resolve(positionIn(data));
  });
  await bus.flush();
  const started = performance.now();
  await cluster.request(
    { verb: "create", resource: "replicationcontrollers", namespace: "default" },
    { object: replicationController(name, replicas, "10m") },
  );
  const last = await bound.promise;
  const seconds = (performance.now() - started) / 1000;
  subscription.unsubscribe();
  const after = await log.info();
  return { events: last - first, bytes: after.bytes - before.bytes, seconds };
}

function positionIn(json: Uint8Array): number {
  const event: unknown = JSON.parse(Buffer.from(json).toString());
  if (typeof event !== "object" || event === null || !("position" in event)) throw new Error("not an event");
  return Number(event.position);
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

/** Seconds until the last answer has come; at most `inFlight` are waited for at a time. */
async function pipelined(count: number, send: () => Promise<void>): Promise<number> {
  const started = performance.now();
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (performance.now() - started) / 1000;
}

/** Every request creates a pod, and a round ends when its last binding has been published as JSON, too. */
function createPods({ connection: { bus } }: BenchCluster): (count: number) => Promise<number> {
  const subject = subjectOf({ verb: "create", resource: "pods", namespace: "default" });
  return async (count) => {
    const all = Promise.withResolvers<void>();
    let published = 0;
    const subscription = bus.subscribe("berth.events.default.Pod.*.PodBound", () => {
      if (++published === count) all.resolve();
    });
    await bus.flush();
    const started = performance.now();
    await pipelined(count, async () => {
      const reply = unwrap(decode((await bus.request(subject, nextRequest(), { timeoutMs })).data));
      if (!isOk(reply)) throw new Error(`a command was refused: ${JSON.stringify(reply)}`);
    });
    await all.promise;
    subscription.unsubscribe();
    return (performance.now() - started) / 1000;
  };
}

const isOk = (reply: unknown): boolean =>
  typeof reply === "object" && reply !== null && "ok" in reply && reply.ok === true;

async function createBareStream({ connection }: BenchCluster): Promise<Bare> {
  const { bus } = connection;
  const subject = "bench.bare";
  await connection.eventLog({ stream: "BENCH_BARE", subject }).ensure({ replicas: 1 });
  return async (count, next) =>
    await pipelined(count, async () => {
      const { data } = await bus.request(subject, next(), { timeoutMs });
      const acknowledgement = Buffer.from(data).toString();
      if (!acknowledgement.includes('"seq"')) throw new Error(`not stored: ${acknowledgement}`);
    });
}
