// Replay: 200,000 events in commits of about three, a fifth of them pod statuses, through decode, chain
// and evolve, as a master starts, and as the read side does, with its index of the history.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNats, createMemoryLogger, createSystemWorld, type EventLog } from "../../actors/mod.ts";
import { createClusterState, evolve } from "../../master/cluster/mod.ts";
import { decodeCommit, emptyChain, link, placedEvents } from "../../master/journal/mod.ts";
import {
  type BerthEvent,
  type Commit,
  encode,
  type Epoch,
  type LogId,
  type MasterId,
  type NodeName,
  type ObjectRef,
  type Position,
  type Sequence,
  type Uid,
} from "../../protocol/mod.ts";
import { AcceptedFold } from "../../master/reads/accepted-fold.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { progressLine, type Report } from "./progress.ts";
import { type Figure, median } from "./report.ts";
import { onInterrupt } from "./support/interrupt.ts";

const eventCount = 200_000;
const eventsPerCommit = 3;
const nodeCount = 50;
const rounds = 5;
const appendsInFlight = 500;
const world = createSystemWorld(createMemoryLogger());
const startAt = Date.parse("2026-01-01T00:00:00Z");

const podRef = (number: number): ObjectRef => ({
  kind: "Pod",
  namespace: "default",
  name: `web-${number}`,
  uid: `pod-${number}` as Uid,
});

function podStatus(number: number, phase: "Pending" | "Running") {
  const running = phase === "Running";
  const at = new Date(startAt + number).toISOString();
  const condition = (type: string) => ({ type, status: running ? "True" : "False", lastTransitionTime: at });
  return {
    phase,
    conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition),
    hostIP: "192.0.2.10",
    podIP: `10.244.${number % 250}.${(number >> 8) % 250}`,
    podIPs: [{ ip: `10.244.${number % 250}.${(number >> 8) % 250}` }],
    startTime: at,
    containerStatuses: [
      {
        name: "web",
        image: "web:1",
        imageID: "sha256:0000",
        containerID: `docker://${number}`,
        ready: running,
        started: running,
        restartCount: 0,
        state: running ? { running: { startedAt: at } } : { waiting: { reason: "ContainerCreating" } },
      },
    ],
  };
}

/** A cluster's life: a controller whose pods are created, bound, seen pending and running, and deleted again. */
function* life(): Generator<BerthEvent> {
  const header = { version: 1, at: startAt, by: "controller:replication" } as const;
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "web", image: "web:1" }] },
  };
  yield { ...header, type: "LogCreated", logId: "bench" as LogId };
  yield { ...header, type: "ClusterConfigured", podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16" };
  yield { ...header, type: "LeaderElected", epoch: 1 as Epoch, master: "m1" as MasterId };
  const owner: ObjectRef = {
    kind: "ReplicationController",
    namespace: "default",
    name: "web",
    uid: "rc" as Uid,
  };
  const namespace: ObjectRef = { kind: "Namespace", name: "default", uid: "ns" as Uid };
  yield {
    ...header,
    type: "ObjectCreated",
    object: namespace,
    value: { apiVersion: "v1", kind: "Namespace", metadata: { name: "default", uid: "ns" } },
  };
  yield {
    ...header,
    type: "ObjectCreated",
    object: owner,
    value: {
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name: "web", namespace: "default", uid: "rc" },
      spec: { replicas: 1000, selector: { app: "web" }, template },
    },
  };
  yield { ...header, type: "TemplateRecorded", object: owner, template: "t1", value: template };
  const reference = {
    apiVersion: "v1",
    kind: "ReplicationController",
    name: "web",
    uid: "rc",
    controller: true,
  };
  for (let number = 0; ; number++) {
    const object = podRef(number);
    const node = `n${number % nodeCount}` as NodeName;
    const status = {
      ...header,
      type: "PodStatusObserved",
      object,
      node,
      status: podStatus(number, "Running"),
    } as const;
    yield {
      ...header,
      type: "PodCreated",
      object,
      template: "t1",
      owner: reference,
      reason: "1 of 1 is missing",
    };
    yield { ...header, type: "PodBound", object, node };
    yield { ...status, status: podStatus(number, number % 2 ? "Pending" : "Running") };
    yield { ...header, type: "DeletionRequested", object, propagation: "Background", reason: "bench" };
    // Five thousand pods stay; the older ones go.
    if (number >= 5000)
      yield { ...header, type: "ObjectDeleted", object: podRef(number - 5000), reason: "bench" };
    else yield { ...header, type: "TerminationReleased", object, reason: "NotServing" };
  }
}

function commits(): Uint8Array[] {
  const encoded: Uint8Array[] = [];
  const events = life();
  let previous = 0;
  for (let position = 1; position <= eventCount; ) {
    // The first commit holds the log's beginning and the claim, so it is larger.
    const size = position === 1 ? 6 : eventsPerCommit;
    const batch: BerthEvent[] = [];
    for (let index = 0; index < size; index++) batch.push(events.next().value as BerthEvent);
    const commit: Commit = {
      version: 1,
      epoch: 1 as Epoch,
      previous: previous as Sequence,
      firstPosition: position as Position,
      events: batch,
    };
    encoded.push(encode(commit));
    previous++;
    position += size;
  }
  return encoded;
}

/**
 * Seconds of this thread's CPU: folding does nothing else, and what other processes take of a busy machine is not its
 * matter. On an idle one it is the wall clock's time.
 */
function stopwatch(): () => number {
  const before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1e6;
  };
}

function replay(log: readonly Uint8Array[]): number {
  const state = createClusterState();
  // As in a master that follows: nobody reconciles, so nothing is marked.
  state.markAllDirty();
  let chain = emptyChain;
  const seconds = stopwatch();
  for (const [index, data] of log.entries()) {
    const commit = decodeCommit(data);
    if (!commit.ok) throw new Error(commit.error.message);
    const verdict = link(chain, (index + 1) as Sequence, commit.value);
    if (!verdict.accepted) throw new Error(verdict.reason);
    chain = verdict.chain;
    for (const event of placedEvents(commit.value)) evolve(state, event);
  }
  return chain.position / seconds();
}

/** The read side's fold of the same log: state, index of the history, and the chain of its own. */
async function foldForReads(log: EventLog): Promise<number> {
  const fold = new AcceptedFold({ log, clock: world.clock, logger: world.logger });
  const seconds = stopwatch();
  await fold.start();
  const taken = seconds();
  await fold.stop();
  if (fold.index.last !== fold.position) throw new Error("the index has not all events");
  return fold.position / taken;
}

/** The same from a real server, as a master does at its start: messages arrive while it folds. */
async function foldFromServer(log: readonly Uint8Array[], report: Report): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "berth-bench-"));
  // Synced now and then only: 67,000 commits are to be written soon, and what counts is reading them.
  const store = `jetstream { store_dir: "${join(directory, "store")}" }`;
  const server = await startNatsServer({ directory, jetStream: false, config: store });
  const settled = onInterrupt(() => server.stop());
  const connection = await connectNats({ servers: server.url, name: "bench" }, world);
  try {
    const stored = connection.eventLog({ stream: "BENCH_LOG", subject: "bench.log" });
    await stored.ensure({ replicas: 1 });
    for (let from = 0; from < log.length; from += appendsInFlight) {
      await Promise.all(
        log.slice(from, from + appendsInFlight).map((data, index) => {
          const expectedSequence = from + index;
          return stored.append({
            data,
            expectedSequence,
            messageId: `${expectedSequence}`,
            timeoutMs: 30_000,
          });
        }),
      );
    }
    return await medianRate("read from a server", report, () => foldForReads(stored));
  } finally {
    await connection.close();
    await server.stop();
    settled();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A log that delivers at once what it has. */
function storedLog(log: readonly Uint8Array[]): EventLog {
  const info = {
    stream: "bench",
    firstSequence: 1,
    lastSequence: log.length,
    messages: log.length,
    bytes: 0,
    replicas: 1,
  };
  const unused = (): never => {
    throw new Error("the fold only reads");
  };
  return {
    name: "bench",
    ensure: () => Promise.resolve(info),
    info: () => Promise.resolve(info),
    append: unused,
    get: unused,
    read({ onEntry }) {
      for (const [index, data] of log.entries()) {
        void onEntry({ sequence: index + 1, storedAt: startAt, data, headers: {} });
      }
      return { caughtUp: () => Promise.resolve(), stop: () => Promise.resolve() };
    },
  };
}

/** The first time is the compiler's. */
async function medianRate(
  what: string,
  report: Report,
  measure: () => number | Promise<number>,
): Promise<number> {
  const values: number[] = [];
  await measure();
  while (values.length < rounds) {
    const rate = await measure();
    values.push(rate);
    report(progressLine(`${what}, round ${values.length}/${rounds}`, { CPU: [rate, "events/s"] }));
  }
  return median(values);
}

export async function benchReplay(report: Report): Promise<readonly Figure[]> {
  const log = commits();
  const decodeOnly = await medianRate("decoding alone", report, () => {
    const seconds = stopwatch();
    for (const data of log) decodeCommit(data);
    return eventCount / seconds();
  });
  const name = `replay of ${eventCount.toLocaleString("en")} events in commits of ${eventsPerCommit}`;
  const reference = { name: "decoding the commits and nothing else", value: decodeOnly };
  const turns = await medianRate("as a master folds", report, () => replay(log));
  const reads = await medianRate("as reads fold", report, () => foldForReads(storedLog(log)));
  const served = await foldFromServer(log, report);
  return [
    { name: `${name}, as a master folds them`, value: turns, unit: "events/s of CPU", atLeast: 100_000 },
    {
      name: `${name}, as the read side folds them, with its index`,
      value: reads,
      unit: "events/s of CPU",
      atLeast: 100_000,
    },
    {
      name: `${name}, the same read from a nats-server`,
      value: served,
      unit: "events/s of CPU",
      atLeast: 100_000,
    },
    {
      name: "the slowest of them, beside decoding alone",
      value: Math.min(turns, reads, served),
      unit: "events/s of CPU",
      reference,
    },
  ];
}
