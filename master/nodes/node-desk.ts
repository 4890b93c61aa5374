// The leader's dealings with its agents, gathered between turns and carried out in them: registrations, reports,
// assignments, endpoints, liveness.

import type { World } from "../../actors/mod.ts";
import {
  agentSubject,
  assertNever,
  type ConfigRequest,
  type NodeName,
  type NodeStatus,
  type PodReport,
  type Position,
  type Positioned,
  type Prefix,
  type RegisterReply,
  type SessionId,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow } from "../cluster/contract.ts";
import type { NodeInput } from "../cluster-message.ts";
import type { Outbox, Responder } from "../outbox.ts";
import type { Turn } from "../turn.ts";
import type { Vault } from "../secrets/mod.ts";
import { configReply } from "./config-content.ts";
import { createCouriers } from "./couriers.ts";
import { createEndpointsPublisher } from "./endpoints-publisher.ts";
import { createLeaseDesk } from "./lease-desk.ts";
import { createVolumeDeletions } from "./volume-deletions.ts";
import { createLiveness, type Judgement, livenessTimes } from "./liveness.ts";

/** A gap in our own loop beyond this starts the nodes' deadlines afresh. */
export const longestOwnGapMs = 1_000;
/** An agent of an old session is told so at most this often. */
const supersededEveryMs = 1_000;

export interface NodeDeskOptions {
  readonly world: World;
  readonly prefix: Prefix;
  readonly state: ClusterState;
  readonly outbox: Outbox;
  readonly heartbeatMs: number;
  readonly vault: Vault | undefined;
  readonly ping: (node: NodeName) => void;
}

export interface NodeDesk {
  /** Notes a message. True when a turn should follow. */
  take(node: NodeName, input: NodeInput): boolean;
  tick(): void;
  /** Runs the commands that the messages since the last turn amount to. */
  run(turn: Turn): void;
  /** Lets leaving pods stop whose endpoints are gone everywhere. True when there were any. */
  release(turn: Turn): boolean;
  note(event: Positioned): void;
  /** Puts into the outbox what agents have to be told of the state as it stands. */
  collect(): void;
  readonly waiting: boolean;
  readonly notices: readonly string[];
  lastSeenMs(node: NodeName): number | undefined;
  inSync(node: NodeName): boolean;
  end(): void;
}

interface Report {
  session: SessionId;
  number: number;
  readonly pods: Map<Uid, PodReport>;
  node: NodeStatus | undefined;
}
/** A config that an agent waits for. */
interface Asked {
  readonly node: NodeName;
  readonly message: ConfigRequest;
  readonly responder: Responder;
}
type Registration = Extract<NodeInput, { readonly type: "register" }>;

export function createNodeDesk(options: NodeDeskOptions): NodeDesk {
  const { world, prefix, state, outbox, heartbeatMs, ping } = options;
  const { clock, logger } = world;
  const times = livenessTimes(heartbeatMs);
  const liveness = createLiveness(times);
  const couriers = createCouriers(prefix, state);
  const endpoints = createEndpointsPublisher(prefix, state);
  const leases = createLeaseDesk(prefix, state);
  const registrations = new Map<NodeName, Registration>();
  const reports = new Map<NodeName, Report>();
  const tables: Responder[] = [];
  let configs: Asked[] = [];
  const deletions = createVolumeDeletions(prefix, state);
  const told = new Map<NodeName, number>();
  /** Sessions that have spoken: only those supersede. One whose answer was lost is not known to its agent. */
  const spoke = new Map<NodeName, SessionId>();
  let judgement: Judgement = { pings: [], commands: [], heldBack: [], paced: 0 };
  let judgeDue = true;
  let lastLook = clock.monotonic();

  const say = (node: NodeName, name: "status-committed" | "superseded", message: object): void =>
    outbox.add(state.position, { type: "publish", subject: agentSubject(prefix, node, name), message });

  /** An agent whose answer was lost registers again long before this: the present session's agent is gone. */
  const isAbandoned = (node: NodeName, now: number): boolean =>
    (liveness.silentMs(node, now) ?? 0) >= times.loseAfterMs;

  /** The node's row if this is its present session; an older one is told that it was superseded. */
  function present(node: NodeName, session: SessionId): NodeRow | undefined {
    const row = state.node(node);
    if (row && row.session === session) {
      spoke.set(node, session);
      return row;
    }
    const now = clock.monotonic();
    if (row && spoke.get(node) !== row.session && !isAbandoned(node, now)) return undefined;
    if (now - (told.get(node) ?? Number.NEGATIVE_INFINITY) < supersededEveryMs) return undefined;
    told.set(node, now);
    say(node, "superseded", { version: 1, session, by: row?.session ?? 0 });
    return undefined;
  }

  function takeReport(
    row: NodeRow,
    { number, pods, node }: Extract<NodeInput, { type: "status" }>["message"],
  ): void {
    const { name, session } = row;
    if (number <= row.reported) {
      say(name, "status-committed", { version: 1, session, number: row.reported });
      return;
    }
    let report = reports.get(name);
    if (!report || report.session !== session) {
      report = { session, number, pods: new Map(), node: undefined };
      reports.set(name, report);
    }
    // Late ones of what came already are older news of the same pods.
    if (number < report.number) return;
    report.number = number;
    report.node = node ?? report.node;
    for (const pod of pods) report.pods.set(pod.uid, pod);
  }

  function take(node: NodeName, input: NodeInput): boolean {
    switch (input.type) {
      case "register":
        registrations.get(node)?.responder.abandon();
        registrations.set(node, input);
        return true;
      case "no-responders":
        liveness.noResponders(node);
        judgeDue = true;
        return true;
      default:
    }
    const row = present(node, input.type === "pong" ? input.session : input.message.session);
    if (!row) return outbox.size > 0;
    const now = clock.monotonic();
    liveness.heard(node, now);
    switch (input.type) {
      case "heartbeat": {
        couriers.heartbeat(row, input.message, now);
        deletions.remind(row, now);
        const leasesDue = leases.heartbeat(node, input.message, now);
        endpoints.acknowledged(node, input.message.endpoints);
        if (row.state !== "Ready") judgeDue = true;
        return leasesDue || couriers.waiting || deletions.waiting || row.state !== "Ready" || hasLeaving();
      }
      case "status":
        takeReport(row, input.message);
        return true;
      case "sync":
        logger.info({ node, reason: input.message.reason }, "an agent asked for its whole assignment");
        couriers.wantFull(node);
        return true;
      case "endpoints-sync":
        tables.push(input.responder);
        return true;
      case "config":
        configs.push({ node, message: input.message, responder: input.responder });
        return true;
      case "volume-deleted":
        deletions.take(node, input.message);
        return true;
      case "endpoints-ack":
        endpoints.acknowledged(node, input.message.position);
        return hasLeaving();
      case "pong":
        return false;
      default:
        return assertNever(input);
    }
  }

  const hasLeaving = (): boolean => {
    for (const row of state.podsLeaving()) if (row.deletion?.left !== undefined) return true;
    return false;
  };

  /** A master that stood still has heard nobody meanwhile: that says nothing about the nodes. */
  function noticeOwnGap(): void {
    const now = clock.monotonic();
    const gapMs = Math.round(now - lastLook);
    lastLook = now;
    if (gapMs <= longestOwnGapMs) return;
    logger.warn({ gapMs }, "the master stood still; nodes' deadlines start afresh");
    liveness.restart(now);
  }

  function judge(turn: Turn): void {
    if (!judgeDue) return;
    judgeDue = false;
    noticeOwnGap();
    const before = judgement;
    judgement = liveness.judge(state.nodes(), clock.monotonic());
    if (judgement.heldBack.length > before.heldBack.length) {
      logger.warn({ nodes: judgement.heldBack }, "many nodes are silent together; none is declared lost");
    }
    for (const node of judgement.pings) ping(node);
    for (const command of judgement.commands) turn.run({ by: "controller:liveness", command });
  }

  function register(turn: Turn, node: NodeName, { message, responder }: Registration): void {
    const by = `node:${node}`;
    const { registration } = message;
    const result = turn.run({ by, command: { type: "RegisterNode", node, registration } });
    const row = state.node(node);
    const { logId, epoch, podCidr, serviceCidr } = state;
    let reply: RegisterReply;
    if (!result.ok) reply = { ok: false, version: 1, error: result.error };
    else if (!row || logId === undefined) {
      reply = {
        ok: false,
        version: 1,
        error: { code: "Internal", message: "the registration left no node" },
      };
    } else {
      const point = { logId, epoch, position: state.position as Position };
      const { session } = row;
      reply = {
        ok: true,
        version: 1,
        session,
        point,
        podCidr: row.podCidr || podCidr,
        serviceCidr,
        heartbeatMs,
      };
      liveness.heard(node, clock.monotonic());
      endpoints.forget(node);
      reports.delete(node);
      couriers.wantFull(node);
    }
    outbox.add(state.position, { type: "reply", to: responder, reply });
  }

  function report(turn: Turn, node: NodeName, { session, number, pods, node: status }: Report): void {
    const by = `node:${node}`;
    if (status) turn.run({ by, command: { type: "ReportNode", node, session, status } });
    const command = { type: "ReportPods", node, session, number, pods: [...pods.values()] } as const;
    const result = turn.run({ by, command });
    if (result.ok) say(node, "status-committed", { version: 1, session, number });
    else logger.warn({ node, number, error: result.error }, "an agent's report was refused");
  }

  function answerConfig({ node, message, responder }: Asked): void {
    const row = state.node(node);
    if (!row) return responder.abandon();
    const reply = configReply({ state, vault: options.vault, ids: world.ids }, row, message);
    outbox.add(state.position, { type: "reply", to: responder, reply });
  }

  return {
    take,
    tick() {
      noticeOwnGap();
      judgeDue = true;
    },
    run(turn) {
      for (const [node, registration] of registrations) register(turn, node, registration);
      registrations.clear();
      for (const [node, pending] of reports) report(turn, node, pending);
      reports.clear();
      deletions.run(turn);
      judge(turn);
      leases.run(turn, clock.monotonic());
    },
    release(turn) {
      const rows = endpoints.released();
      for (const { ref, deletion } of rows) {
        const command = { type: "ReleaseTermination", pod: ref, reason: "Acknowledged" } as const;
        const cause = deletion?.left;
        turn.run({ by: "controller:endpoints", ...(cause !== undefined && { cause }), command });
      }
      return rows.length > 0;
    },
    note(event) {
      couriers.note(event);
      deletions.note(event);
      endpoints.note(event);
    },
    collect() {
      for (const effect of endpoints.collect()) outbox.add(state.position, effect);
      for (const to of tables.splice(0)) {
        outbox.add(state.position, { type: "reply", to, reply: endpoints.table() });
      }
      for (const asked of configs) answerConfig(asked);
      configs = [];
      for (const effect of couriers.collect(clock.monotonic())) outbox.add(state.position, effect);
      for (const effect of deletions.collect(clock.monotonic())) outbox.add(state.position, effect);
      for (const effect of leases.collect()) outbox.add(state.position, effect);
    },
    get waiting() {
      return couriers.waiting || deletions.waiting || tables.length > 0 || configs.length > 0;
    },
    get notices() {
      const { heldBack, paced } = judgement;
      const notices: string[] = [];
      if (heldBack.length > 0) {
        notices.push(
          `${heldBack.length} nodes are silent together (${heldBack.slice(0, 5).join(", ")}); none is declared lost until they come back or are confirmed`,
        );
      }
      if (paced > 0) notices.push(`replacement is paced: ${paced} more nodes wait to be declared lost`);
      return notices;
    },
    lastSeenMs: (node) => liveness.silentMs(node, clock.monotonic()),
    inSync: (node) => couriers.inSync(node),
    end() {
      for (const { responder } of registrations.values()) responder.abandon();
      for (const responder of tables) responder.abandon();
      for (const { responder } of configs) responder.abandon();
    },
  };
}
