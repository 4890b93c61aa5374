// Replay: 200,000 events in commits of about three, a fifth of them pod statuses, through decode, chain and evolve.

import { createClusterState, evolve } from "../../master/cluster/mod.ts";
import { decodeCommit, emptyChain, link } from "../../master/journal/mod.ts";
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
import type { Figure } from "./report.ts";

const eventCount = 200_000;
const eventsPerCommit = 3;
const nodeCount = 50;
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

function replay(log: readonly Uint8Array[]): number {
  const state = createClusterState();
  let chain = emptyChain;
  const started = performance.now();
  for (const [index, data] of log.entries()) {
    const commit = decodeCommit(data);
    if (!commit.ok) throw new Error(commit.error.message);
    const verdict = link(chain, (index + 1) as Sequence, commit.value);
    if (!verdict.accepted) throw new Error(verdict.reason);
    chain = verdict.chain;
    for (const [offset, event] of commit.value.events.entries()) {
      evolve(state, { ...event, position: (commit.value.firstPosition + offset) as Position });
    }
  }
  return chain.position / ((performance.now() - started) / 1000);
}

export async function benchReplay(): Promise<readonly Figure[]> {
  const log = commits();
  replay(log.slice(0, 5000));
  const decoding = performance.now();
  for (const data of log) decodeCommit(data);
  const decodeOnly = eventCount / ((performance.now() - decoding) / 1000);
  return [
    {
      name: `replay of ${eventCount.toLocaleString("en")} events`,
      value: replay(log),
      unit: "events/s",
      atLeast: 100_000,
    },
    {
      name: "the same, as a share of decoding alone",
      value: replay(log),
      unit: "events/s",
      reference: { name: "decoding the commits and nothing else", value: decodeOnly },
    },
  ];
}
