// A node as light as one can be: it registers, beats, and takes assignments, so that what is measured is the master.
// With `reports` it says of each pod, once, that it runs, and again until that is committed; with `usage` it publishes
// figures of all its pods as an agent does.

import type { BusSubscription, Cancel } from "../../../actors/mod.ts";
import { registrationOf } from "../../../master/testkit/test-agent.ts";
import {
  addDigest,
  type AgentMessageName,
  agentSubject,
  type AssignMessage,
  assignmentItemDigest,
  decode,
  defaultUsageIntervalMs,
  encode,
  encodeJson,
  type LogPoint,
  type NodeMessageName,
  type NodeName,
  nodeSubject,
  type PodReport,
  type PodStatus,
  type Position,
  positionZero,
  type RegisterReply,
  removeDigest,
  type StatusCommittedMessage,
  type Uid,
  unwrap,
  type UsageMessage,
} from "../../../protocol/mod.ts";
import { type BenchCluster, prefix } from "./bench-cluster.ts";

export interface ScriptedNode {
  readonly name: string;
  readonly podCount: number;
  stop(): void;
}

const heartbeatMs = 1_000;
const resendMs = 1_000;
const capacity = { cpuMilli: 1_000_000, memoryBytes: 2 ** 42, pods: 100_000 };

export async function startScriptedNode(
  { connection: { bus }, world }: BenchCluster,
  name: string,
  { reports = false, usage = false } = {},
): Promise<ScriptedNode> {
  const { clock } = world;
  const node = name as NodeName;
  const subscriptions: BusSubscription[] = [];
  const timers = new Map<string, Cancel>();
  const pods = new Map<Uid, Position>();
  const unsaid = new Map<Uid, PodReport>();
  let underWay: { readonly number: number; readonly pods: readonly PodReport[] } | undefined;
  let number = 0;
  let digest = 0;

  const publish = (message: NodeMessageName, body: object): void =>
    bus.publish(nodeSubject(prefix, node, message), encode({ version: 1, session, ...body }));
  const on = (
    message: AgentMessageName,
    take: (body: unknown, reply: (body: object) => void) => void,
  ): void => {
    const handler = bus.subscribe(agentSubject(prefix, node, message), (said) =>
      take(unwrap(decode(said.data)), (body) => said.respond(encode(body))),
    );
    subscriptions.push(handler);
  };
  const after = (what: string, delayMs: number, action: () => void): void => {
    timers.get(what)?.();
    timers.set(what, clock.after(delayMs, action));
  };

  function put(uid: Uid, position: Position | undefined): void {
    const before = pods.get(uid);
    if (before !== undefined) digest = removeDigest(digest, assignmentItemDigest(uid, before));
    if (position === undefined) pods.delete(uid);
    else {
      pods.set(uid, position);
      digest = addDigest(digest, assignmentItemDigest(uid, position));
    }
  }

  function assign(message: AssignMessage): void {
    if (message.kind === "full") for (const uid of [...pods.keys()]) put(uid, undefined);
    else if (message.from !== point.position) return publish("sync", { reason: "a gap" });
    else for (const uid of message.removed) put(uid, undefined);
    for (const pod of message.pods) {
      const isNew = !pods.has(pod.uid);
      put(pod.uid, pod.position);
      if (pod.stop) unsaid.set(pod.uid, { uid: pod.uid, status: { phase: "Succeeded" }, gone: true });
      else if (reports && isNew) unsaid.set(pod.uid, running(pod.uid, pods.size));
    }
    point = { logId: message.logId, epoch: message.epoch, position: message.to };
    report();
  }

  function report(): void {
    if (underWay || unsaid.size === 0) return;
    underWay = { number: ++number, pods: [...unsaid.values()] };
    unsaid.clear();
    send();
  }

  function send(): void {
    if (!underWay) return;
    publish("status", underWay);
    after("resend", resendMs, send);
  }

  function beat(): void {
    const { logId, epoch, position } = point;
    publish("heartbeat", { logId, epoch, position, digest, endpoints: positionZero, reported: number });
    after("beat", heartbeatMs, beat);
  }

  const registration = { ...registrationOf(name), capacity };
  const body = encode({ version: 1, registration, pods: [] });
  const answer = await bus.request(nodeSubject(prefix, node, "register"), body, { timeoutMs: 10_000 });
  const reply = unwrap(decode(answer.data)) as RegisterReply;
  if (!reply.ok) throw new Error(reply.error.message);
  const { session } = reply;
  let point: LogPoint = { ...reply.point, position: positionZero };
  on("assign", (message) => assign(message as AssignMessage));
  on("ping", (_, respond) => respond({ version: 1, session }));
  on("status-committed", (message) => {
    if (!underWay || (message as StatusCommittedMessage).number < underWay.number) return;
    underWay = undefined;
    timers.get("resend")?.();
    report();
  });
  function measure(): void {
    const containers = [{ name: "main", cpuMilli: 5, memoryBytes: 20_000_000 }];
    const message: UsageMessage = {
      version: 1,
      session,
      at: clock.now(),
      intervalMs: defaultUsageIntervalMs,
      windowMs: defaultUsageIntervalMs,
      node: { cpuMilli: 500, memoryBytes: 2 ** 30 },
      pods: Array.from(pods.keys(), (uid) => ({ uid, containers })),
    };
    bus.publish(nodeSubject(prefix, node, "usage"), encodeJson(message));
    after("usage", defaultUsageIntervalMs, measure);
  }

  beat();
  if (usage) after("usage", Math.floor(world.random.next() * defaultUsageIntervalMs), measure);
  return {
    name,
    get podCount() {
      return pods.size;
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

const running = (uid: Uid, number: number): PodReport => {
  const podIP = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  const at = "2026-01-01T00:00:00Z";
  const status: PodStatus = {
    phase: "Running",
    conditions: [
      { type: "Ready", status: "True", lastTransitionTime: at },
      { type: "ContainersReady", status: "True", lastTransitionTime: at },
    ],
    podIP,
    podIPs: [{ ip: podIP }],
    containerStatuses: [
      {
        name: "web",
        image: "web:1",
        imageID: "sha256:0000",
        containerID: `test://${uid}`,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: at } },
      },
    ],
  };
  return { uid, status };
};
