// Test fixture: a cluster that is given events and commands, with a clock and ids of its own.
// For tests beside the sources only; not part of the folder's door.

import type {
  ApiObject,
  BerthEvent,
  Command,
  CommandEnvelope,
  CommandId,
  Epoch,
  Failure,
  LogId,
  MasterId,
  NodeName,
  NodeRegistration,
  PodStatus,
  Position,
  Positioned,
  Principal,
} from "../../protocol/mod.ts";
import { parseNodeName, unwrap } from "../../protocol/mod.ts";
import { createClusterState } from "./cluster.ts";
import type { ClusterState, DecideContext, Decision, NodeRow, PodRow } from "./contract.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";

export const startedAt = Date.UTC(2030, 0, 1);

export interface Given {
  readonly state: ClusterState;
  /** Everything that was evolved, in order. */
  readonly log: Positioned[];
  now: number;
  readonly context: DecideContext;
  evolve(...events: readonly BerthEvent[]): void;
  /** Decides and evolves; throws the refusal of a command that should succeed. */
  run(command: Command, by?: Principal, id?: string): Decision;
  refusal(command: Command, by?: Principal): Failure | undefined;
  send(envelope: CommandEnvelope): Failure | undefined;
  create(object: ApiObject): Decision;
  /** Types of the events since the log had this length. */
  since(length: number): readonly string[];
}

/** A log with its first events: `default` exists, a leader is elected. */
export function givenCluster({ vault }: Pick<DecideContext, "vault"> = {}): Given {
  const state = createClusterState();
  const log: Positioned[] = [];
  let ids = 0;
  const place = (event: BerthEvent): void => {
    const positioned = { ...event, position: (state.position + 1) as Position };
    log.push(positioned);
    evolve(state, positioned);
  };
  const context: DecideContext = {
    get now() {
      return given.now;
    },
    uuid: () => `uid-${++ids}`,
    suffix: (length) => (++ids).toString(36).padStart(length, "x").slice(-length),
    vault,
  };
  const given: Given = {
    state,
    log,
    now: startedAt,
    context,
    evolve: (...events) => events.forEach(place),
    run(command, by = "user:tester", id) {
      const envelope = { by, command, ...(id !== undefined && { id: id as CommandId }) };
      const decision = unwrap(decide(state, envelope, context));
      decision.events.forEach(place);
      return decision;
    },
    refusal(command, by = "user:tester") {
      const result = decide(state, { by, command }, context);
      return result.ok ? undefined : result.error;
    },
    send(envelope) {
      const result = decide(state, envelope, context);
      if (!result.ok) return result.error;
      result.value.events.forEach(place);
      return undefined;
    },
    create: (object) => given.run({ type: "CreateObject", object }),
    since: (length) => log.slice(length).map(({ type }) => type),
  };
  const header = { version: 1, at: startedAt, by: "master:m1" };
  given.evolve(
    { ...header, type: "LogCreated", logId: "log-1" as LogId },
    { ...header, type: "ClusterConfigured", podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/24" },
    { ...header, type: "LeaderElected", epoch: 1 as Epoch, master: "m1" as MasterId },
  );
  given.create(namespace("default"));
  return given;
}

export const namespace = (name: string): ApiObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
});

export const pod = (name: string, spec: Readonly<Record<string, unknown>> = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: "main", image: "web:1" }], ...spec },
});

const template = (app: string): Readonly<Record<string, unknown>> => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      {
        name: "main",
        image: "web:1",
        ports: [{ name: "http", containerPort: 8080 }],
        resources: { requests: { cpu: "100m", memory: "64Mi" } },
      },
    ],
  },
});

export const controller = (
  name: string,
  replicas: number,
  more: Readonly<Record<string, unknown>> = {},
): ApiObject => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name },
  spec: { replicas, selector: { app: name }, template: template(name), ...more },
});

export const replicaSet = (name: string, replicas: number, selector?: unknown): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name },
  spec: { replicas, selector: selector ?? { matchLabels: { app: name } }, template: template(name) },
});

export const service = (name: string, spec: Readonly<Record<string, unknown>> = {}): ApiObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: "http" }], ...spec },
});

export const nodeName = (name: string): NodeName => unwrap(parseNodeName(name));

export const registration = (name: string, more: Partial<NodeRegistration> = {}): NodeRegistration => ({
  agentVersion: "1.0.0",
  bootId: `boot-${name}`,
  instance: `instance-${name}`,
  hostname: name,
  addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
  labels: {},
  capacity: { cpuMilli: 4000, memoryBytes: 8 * 2 ** 30, pods: 110 },
  runtime: { name: "simulated", version: "1" },
  os: { platform: "linux", arch: "x64", kernel: "6.1" },
  ...more,
});

export function register(given: Given, name: string, more: Partial<NodeRegistration> = {}): NodeRow {
  given.run(
    { type: "RegisterNode", node: nodeName(name), registration: registration(name, more) },
    `node:${name}`,
  );
  return nodeOf(given, name);
}

export function nodeOf(given: Given, name: string): NodeRow {
  const row = given.state.node(nodeName(name));
  if (!row) throw new Error(`no node ${name}`);
  return row;
}

export function podOf(given: Given, name: string, space = "default"): PodRow {
  const row = given.state.podNamed(space, name);
  if (!row) throw new Error(`no pod ${space}/${name}`);
  return row;
}

export const placement = { candidates: 1, refused: {}, scores: [] };

export function bind(given: Given, row: PodRow, node: string): void {
  given.run({ type: "BindPod", pod: row.ref, node: nodeName(node), placement }, "scheduler");
}

export const runningStatus = (ip: string, ready = true): PodStatus => ({
  phase: "Running",
  podIP: ip,
  conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
  containerStatuses: [
    { name: "main", ready, restartCount: 0, image: "web:1", imageID: "web:1", state: { running: {} } },
  ],
});

let reports = 0;
export function report(given: Given, row: PodRow, status: PodStatus, gone = false): Decision {
  const node = row.node ?? nodeName("unbound");
  const session = nodeOf(given, node).session;
  const pods = [{ uid: row.ref.uid, status, ...(gone && { gone }) }];
  return given.run({ type: "ReportPods", node, session, number: ++reports, pods }, `node:${node}`);
}
