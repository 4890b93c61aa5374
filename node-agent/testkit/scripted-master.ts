// A leader for tests of the agent: it does what the test says and keeps what it hears. On an in-memory bus.

import type { Bus, BusMessage } from "../../actors/mod.ts";
import {
  agentSubject,
  type AssignedPod,
  assignmentDigest,
  type AssignMessage,
  decode,
  encode,
  type EndpointsMessage,
  endpointsSubject,
  type Epoch,
  type HeartbeatMessage,
  type LogId,
  type NodeName,
  nodeWildcard,
  type Pod,
  type PodReport,
  parseNodeSubject,
  type Position,
  type RegisterMessage,
  type ServiceEntry,
  type SessionId,
  type StatusMessage,
  type Uid,
  type VolumeDeletedMessage,
  unwrap,
} from "../../protocol/mod.ts";

/** What a test looks at; the agent's own messages are taken as they are. */
export class ScriptedMaster {
  readonly #bus: Bus;
  readonly #prefix: string;
  readonly #node: NodeName;
  readonly registrations: RegisterMessage[] = [];
  readonly heartbeats: HeartbeatMessage[] = [];
  readonly statuses: StatusMessage[] = [];
  readonly syncs: string[] = [];
  readonly acknowledged: number[] = [];
  readonly reports = new Map<Uid, PodReport>();
  readonly deleted: VolumeDeletedMessage[] = [];
  services: ServiceEntry[] = [];
  logId = "log-1" as LogId;
  epoch = 1 as Epoch;
  position = 10;
  servicesPosition = 5;
  session = 0;
  podCidr = "127.7.1.0/24";
  /** Off: nobody leads, and nobody answers. */
  leading = true;
  committing = true;
  readonly #pods = new Map<Uid, AssignedPod>();
  #told = 0;

  constructor(bus: Bus, prefix: string, node: NodeName) {
    this.#bus = bus;
    this.#prefix = prefix;
    this.#node = node;
    bus.subscribe(nodeWildcard(prefix), (message) => this.#hear(message));
  }

  get point(): { logId: LogId; epoch: Epoch; position: Position } {
    return { logId: this.logId, epoch: this.epoch, position: this.position as Position };
  }

  say(name: Parameters<typeof agentSubject>[2], message: object): void {
    this.#bus.publish(agentSubject(this.#prefix, this.#node, name), encode(message));
  }
  async ask(name: "ping" | "stream", message: object): Promise<unknown> {
    const subject = agentSubject(this.#prefix, this.#node, name);
    const reply = await this.#bus.request(subject, encode(message), { timeoutMs: 1000 });
    return unwrap(decode(reply.data));
  }

  put(pod: Pod, stop?: AssignedPod["stop"], volumes?: AssignedPod["volumes"]): Uid {
    const uid = pod.metadata?.uid as Uid;
    this.position += 1;
    this.#pods.set(uid, {
      uid,
      position: this.position as Position,
      pod,
      ...(stop && { stop }),
      ...(volumes && { volumes }),
    });
    return uid;
  }
  remove(uid: Uid): void {
    this.position += 1;
    this.#pods.delete(uid);
  }

  full(): AssignMessage {
    this.#told = this.position;
    return { ...this.#head(), kind: "full", pods: [...this.#pods.values()] };
  }
  sendFull(): void {
    this.say("assign", this.full());
  }
  /** Everything since the last message, as a delta. */
  sendDelta(removed: readonly Uid[] = []): void {
    const from = this.#told as Position;
    const pods = [...this.#pods.values()].filter(({ position }) => position > from);
    this.say("assign", { ...this.#head(), kind: "delta", from, pods, removed });
    this.#told = this.position;
  }
  #head() {
    return {
      version: 1,
      session: this.session as SessionId,
      logId: this.logId,
      epoch: this.epoch,
      to: this.position as Position,
      digest: assignmentDigest(this.#pods.values()),
      services: this.servicesPosition as Position,
    } as const;
  }

  changeService(service: ServiceEntry, from = this.servicesPosition): void {
    this.position += 1;
    this.servicesPosition = this.position;
    this.services = [...this.services.filter(({ name }) => name !== service.name), service];
    const { logId, epoch } = this;
    const [start, to] = [from as Position, this.servicesPosition as Position];
    const message: EndpointsMessage = { version: 1, logId, epoch, from: start, to, type: "service", service };
    const subject = endpointsSubject(this.#prefix, service.namespace, service.name);
    this.#bus.publish(subject, encode(message));
  }

  #hear(message: BusMessage): void {
    if (!this.leading) return;
    const { message: name } = unwrap(parseNodeSubject(message.subject));
    const body = unwrap(decode(message.data));
    switch (name) {
      case "register":
        this.registrations.push(body as RegisterMessage);
        this.position += 1;
        this.session = this.position;
        message.respond(
          encode({
            ok: true,
            version: 1,
            session: this.session,
            point: this.point,
            podCidr: this.podCidr,
            serviceCidr: "127.200.0.0/16",
            heartbeatMs: 1000,
          }),
        );
        this.sendFull();
        return;
      case "heartbeat":
        this.heartbeats.push(body as HeartbeatMessage);
        return;
      case "status":
        this.#takeStatus(body as StatusMessage);
        return;
      case "sync":
        this.syncs.push((body as { reason: string }).reason);
        this.sendFull();
        return;
      case "endpoints-sync": {
        const position = this.servicesPosition;
        const { logId, epoch, services } = this;
        message.respond(encode({ version: 1, logId, epoch, position, services }));
        return;
      }
      case "config":
        message.respond(encode({ ok: true, version: 1 }));
        return;
      case "endpoints-ack":
        this.acknowledged.push((body as { position: number }).position);
        return;
      case "volume-deleted":
        this.deleted.push(body as VolumeDeletedMessage);
        return;
      default:
        throw new Error(`unexpected message ${name}`);
    }
  }

  #takeStatus(message: StatusMessage): void {
    this.statuses.push(message);
    if (!this.committing) return;
    for (const report of message.pods) this.reports.set(report.uid, report);
    this.say("status-committed", { version: 1, session: message.session, number: message.number });
  }
}
