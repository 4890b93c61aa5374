// A leader in a few lines for tests of what reads the log: it appends commits in a proper chain, and says how far.

import type { Bus, EventLog } from "../../../actors/mod.ts";
import {
  type ApiObject,
  type BerthEvent,
  type ContainerStatus,
  encode,
  type Epoch,
  type EventHeader,
  type LogId,
  type MasterId,
  masterSubject,
  type NodeName,
  type ObjectRef,
  type OwnerReference,
  type PodStatus,
  type Position,
  type Sequence,
  type Uid,
} from "../../../protocol/mod.ts";
import { encodeBlock, encodeCommit } from "../../journal/commit-codec.ts";

const startedAt = Date.UTC(2026, 0, 1);

export class WrittenLog {
  readonly log: EventLog;
  epoch = 0 as Epoch;
  position = 0 as Position;
  #last = 0 as Sequence;
  #stored = 0;

  constructor(log: EventLog) {
    this.log = log;
  }

  /** Creates the log and makes this master its leader. */
  async create(master: string): Promise<void> {
    await this.log.ensure({ replicas: 1 });
    this.epoch = 1 as Epoch;
    await this.commit([
      { ...header(), type: "LogCreated", logId: "log-1" as LogId },
      { ...header(), type: "ClusterConfigured", podCidr: "10.1.0.0/16", serviceCidr: "10.2.0.0/16" },
      { ...header(), type: "LeaderElected", epoch: this.epoch, master: master as MasterId },
    ]);
  }

  async elect(master: string): Promise<void> {
    this.epoch = (this.epoch + 1) as Epoch;
    await this.commit([
      { ...header(), type: "LeaderElected", epoch: this.epoch, master: master as MasterId },
    ]);
  }

  /** Appends one commit; resolves with the position of its first event. */
  async commit(events: readonly BerthEvent[]): Promise<Position> {
    const firstPosition = (this.position + 1) as Position;
    await this.#append({ epoch: this.epoch, previous: this.#last, firstPosition }, events);
    this.#last = this.#stored as Sequence;
    this.position = (this.position + events.length) as Position;
    return firstPosition;
  }

  /** Stores a commit that follows no accepted one: what is left of a rival that lost. */
  async commitOutsideOfTheChain(events: readonly BerthEvent[]): Promise<void> {
    const head = { epoch: this.epoch, previous: 0 as Sequence, firstPosition: 1 as Position };
    await this.#append(head, events);
  }

  async #append(head: Parameters<typeof encodeCommit>[0], events: readonly BerthEvent[]): Promise<void> {
    const block = encodeBlock(events);
    if (!block.ok) throw new Error(block.error.message);
    const outcome = await this.log.append({
      data: encodeCommit(head, [block.value]),
      expectedSequence: this.#stored,
      messageId: `m-${this.#stored}`,
      timeoutMs: 1000,
    });
    if (outcome.type !== "stored") throw new Error(outcome.message);
    this.#stored = outcome.sequence;
  }

  /** Answers for the leader how far the log is accepted. */
  answerPosition(bus: Bus, prefix: string): void {
    bus.subscribe(masterSubject(prefix, "position"), (message) =>
      message.respond(encode({ version: 1, position: this.position })),
    );
  }
}

export const header = (by = "user:admin", cause?: EventHeader["cause"]): EventHeader => ({
  version: 1,
  at: startedAt,
  by,
  ...(cause !== undefined && { cause }),
});

export const ref = (
  kind: string,
  name: string,
  namespace?: string,
  uid = `uid-${kind}-${name}`,
): ObjectRef => ({
  kind,
  ...(namespace !== undefined && { namespace }),
  name,
  uid: uid as Uid,
});

export const podRef = (name: string, uid?: string): ObjectRef => ref("Pod", name, "default", uid);

export function podObject(object: ObjectRef, labels: Readonly<Record<string, string>>): ApiObject {
  const { name, uid, namespace = "default" } = object;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid, labels: { ...labels }, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
}

export const createdPod = (
  name: string,
  labels: Readonly<Record<string, string>> = {},
  uid?: string,
): BerthEvent => ({
  ...header(),
  type: "ObjectCreated",
  object: podRef(name, uid),
  value: podObject(podRef(name, uid), labels),
});

export const relabelledPod = (name: string, labels: Readonly<Record<string, string>>): BerthEvent => ({
  ...header(),
  type: "ObjectUpdated",
  object: podRef(name),
  value: podObject(podRef(name), labels),
  fields: ["metadata.labels"],
});

export const deleted = (object: ObjectRef, reason = "asked for"): BerthEvent => ({
  ...header(),
  type: "ObjectDeleted",
  object,
  reason,
});

export const boundPod = (object: ObjectRef, node: string, cause?: Position): BerthEvent => ({
  ...header("scheduler", cause),
  type: "PodBound",
  object,
  node: node as NodeName,
});

export const observedPod = (object: ObjectRef, node: string, status: PodStatus): BerthEvent => ({
  ...header(`node:${node}`),
  type: "PodStatusObserved",
  object,
  node: node as NodeName,
  status,
});

export const containerStatus = (fields: Partial<ContainerStatus>): ContainerStatus => ({
  name: "app",
  image: "app:1",
  imageID: "",
  ready: false,
  restartCount: 0,
  ...fields,
});

export const registeredNode = (name: string): BerthEvent => ({
  ...header(`node:${name}`),
  type: "NodeRegistered",
  object: ref("Node", name),
  podCidr: "10.1.1.0/24",
  registration: {
    agentVersion: "0.1.0",
    bootId: "boot",
    instance: "instance",
    hostname: name,
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    labels: {},
    capacity: { cpuMilli: 4000, memoryBytes: 2 ** 33, pods: 110 },
    runtime: { name: "process", version: "1" },
    os: { platform: "linux", arch: "x64", kernel: "6" },
  },
});

export const controller = ref("ReplicationController", "web", "default");
export const controllerOwner: OwnerReference = {
  apiVersion: "v1",
  kind: "ReplicationController",
  name: controller.name,
  uid: controller.uid,
  controller: true,
};
export const createdController = (replicas: number, cause?: EventHeader["cause"]): BerthEvent => ({
  ...header("user:admin", cause),
  type: "ObjectCreated",
  object: controller,
  value: {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: "web", namespace: "default", uid: controller.uid },
    spec: {
      replicas,
      selector: { app: "web" },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "app", image: "app:1" }] },
      },
    },
  },
});
export const recordedTemplate = (): BerthEvent => ({
  ...header("controller:replication"),
  type: "TemplateRecorded",
  object: controller,
  template: "t1",
  value: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "app", image: "app:1" }] } },
});
export const controlledPod = (name: string, cause: Position): BerthEvent => ({
  ...header("controller:replication", cause),
  type: "PodCreated",
  object: podRef(name),
  template: "t1",
  owner: controllerOwner,
  reason: "0 of 1 replicas",
});
