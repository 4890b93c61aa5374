// An agent as small as one can be, for tests of the master: registers, beats, takes assignments, says that pods run.

import type { Bus, BusSubscription, Cancel, World } from "../../actors/mod.ts";
import {
  type AssignedPod,
  type AssignMessage,
  type AgentMessageName,
  agentSubject,
  assignmentDigest,
  decode,
  encode,
  endpointsWildcard,
  type LogPoint,
  type NodeMessageName,
  type NodeName,
  type NodeRegistration,
  nodeSubject,
  parseMessage,
  type PodReport,
  type PodStatus,
  type Position,
  positionZero,
  type Prefix,
  type SessionId,
  type Uid,
  unwrap,
} from "../../protocol/mod.ts";

export interface TestAgent {
  readonly node: NodeName;
  readonly pods: ReadonlyMap<Uid, AssignedPod>;
  readonly session: SessionId | undefined;
  readonly fulls: number;
  /** Stops beating and listening, as a dead host does. */
  die(): void;
}

export interface TestAgentOptions {
  readonly world: World;
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly name: string;
  readonly cpuMilli?: number;
}

const tryAgainMs = 500;

export function startTestAgent({ world, bus, prefix, name, cpuMilli = 4_000 }: TestAgentOptions): TestAgent {
  const node = name as NodeName;
  const { clock } = world;
  const pods = new Map<Uid, AssignedPod>();
  const subscriptions: BusSubscription[] = [];
  const timers = new Set<Cancel>();
  let session: SessionId | undefined;
  let point: LogPoint | undefined;
  let endpoints = positionZero;
  let number = 0;
  let committed = 0;
  let fulls = 0;
  let dead = false;

  const publish = (message: NodeMessageName, body: object): void => {
    if (!dead) bus.publish(nodeSubject(prefix, node, message), encode(body));
  };
  const after = (delayMs: number, action: () => void): void => {
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      if (!dead) action();
    });
    timers.add(cancel);
  };
  const on = (
    message: AgentMessageName,
    take: (body: unknown, reply: (body: object) => void) => void,
  ): void => {
    const subject = agentSubject(prefix, node, message);
    subscriptions.push(
      bus.subscribe(subject, (bytes) => {
        if (!dead) take(unwrap(decode(bytes.data)), (body) => bytes.respond(encode(body)));
      }),
    );
  };

  function beat(): void {
    if (session !== undefined && point) {
      const digest = assignmentDigest(pods.values());
      const { logId, epoch, position } = point;
      publish("heartbeat", {
        version: 1,
        session,
        logId,
        epoch,
        position,
        digest,
        endpoints,
        reported: number,
      });
    }
    after(1_000, beat);
  }

  function assign(message: AssignMessage): void {
    if (message.session !== session) return;
    if (message.kind === "full") {
      fulls++;
      pods.clear();
    } else if (message.from !== point?.position) {
      publish("sync", { version: 1, session, reason: "a gap" });
      return;
    } else for (const uid of message.removed) pods.delete(uid);
    const gone: PodReport[] = [];
    for (const pod of message.pods) {
      pods.set(pod.uid, pod);
      if (pod.stop) gone.push({ uid: pod.uid, status: { phase: "Succeeded" }, gone: true });
    }
    const { logId, epoch, to } = message;
    point = { logId, epoch, position: to };
    report(gone);
  }

  /** Everything that runs is said to run; resent until it is committed. */
  function report(gone: readonly PodReport[]): void {
    number++;
    const mine = number;
    const running = [...pods.values()]
      .filter(({ stop }) => !stop)
      .map(({ uid }) => ({ uid, status: runs(uid) }));
    const send = (): void => {
      if (mine < number || committed >= mine) return;
      publish("status", { version: 1, session, number: mine, pods: [...running, ...gone] });
      after(tryAgainMs, send);
    };
    send();
  }

  const runs = (uid: Uid): PodStatus => ({
    phase: "Running",
    podIP: `10.0.0.${([...pods.keys()].indexOf(uid) % 250) + 1}`,
    conditions: [{ type: "Ready", status: "True" }],
  });

  async function register(): Promise<void> {
    const registration = registrationOf(name, cpuMilli);
    try {
      const body = encode({ version: 1, registration, pods: [] });
      const reply = await bus.request(nodeSubject(prefix, node, "register"), body, { timeoutMs: 2_000 });
      const answer = unwrap(parseMessage("register-reply", unwrap(decode(reply.data))));
      if (!answer.ok) throw new Error(answer.error.message);
      session = answer.session;
      // Nothing is applied yet; an assignment may have overtaken this answer, and beats then ask for it again.
      point = { ...answer.point, position: positionZero };
    } catch {
      after(tryAgainMs, () => void register());
    }
  }

  on("assign", (body) => assign(unwrap(parseMessage("assign", body))));
  on("status-committed", (body) => {
    committed = Math.max(committed, unwrap(parseMessage("status-committed", body)).number);
  });
  on("ping", (_, reply) => session !== undefined && reply({ version: 1, session }));
  subscriptions.push(
    bus.subscribe(endpointsWildcard(prefix), ({ data }) => {
      const { to } = unwrap(parseMessage("endpoints", unwrap(decode(data))));
      endpoints = Math.max(endpoints, to) as Position;
      publish("endpoints-ack", { version: 1, session: session ?? 0, position: endpoints });
    }),
  );
  void register();
  beat();

  return {
    node,
    pods,
    get session() {
      return session;
    },
    get fulls() {
      return fulls;
    },
    die() {
      dead = true;
      for (const cancel of timers) cancel();
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

export const registrationOf = (name: string, cpuMilli = 4_000): NodeRegistration => ({
  agentVersion: "1.0.0",
  bootId: `boot-${name}`,
  instance: `instance-${name}`,
  hostname: name,
  addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
  labels: { "kubernetes.io/hostname": name },
  capacity: { cpuMilli, memoryBytes: 8 * 2 ** 30, pods: 110 },
  runtime: { name: "test", version: "1" },
  os: { platform: "linux", arch: "x64", kernel: "6.1" },
});
