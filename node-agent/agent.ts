// The agent's actor: registers, obeys assignments, reports, and looks after its pods also while no leader answers.
// It holds no life cycle (pods/), no data plane (service-sync.ts), no streams (streams/).

import type { Actor, ActorContext, ActorFactory, ReplyTo } from "../actors/mod.ts";
import {
  assertNever,
  type AssignMessage,
  encode,
  type HeartbeatMessage,
  type LogId,
  type NodeMessageName,
  nodeSubject,
  type PodReport,
  positionZero,
  type SessionId,
} from "../protocol/mod.ts";
import type { AgentMessage } from "./agent-message.ts";
import type { AgentOptions } from "./agent-options.ts";
import { assignmentOf, recordOf } from "./agent-record.ts";
import {
  applyAssign,
  applyRegistration,
  type Assignment,
  emptyAssignment,
  judgePoint,
} from "./assignment.ts";
import { FleetLeases } from "./fleet-leases.ts";
import { nextPressure, type NodeHealth, nodeRegistration, nodeStatus } from "./node-description.ts";
import { PodFleet } from "./pod-fleet.ts";
import type { PressureType } from "./pressure/signals.ts";
import { Registrar } from "./registrar.ts";
import type { RegistrationAnswer } from "./registration.ts";
import { StatusReporter } from "./status-reporter.ts";
import { Sweeper } from "./sweeper.ts";

/** Statuses reach the record at most this often. */
const saveEveryMs = 1000;
/** A restarted agent waits so long for the leader's word before it starts what its record says. */
export const startAloneMs = 5000;
/** No assignment so long after a registration: ask for it. */
const assignWaitMs = 2000;
/** Assignments that may arrive before the answer to the registration they belong to. */
const maxEarly = 16;
/** An agent that ends with its pods gives them no longer, so that it ends before it is killed itself. */
const mostStopGraceSeconds = 10;
const defaultHeartbeatMs = 1000;

export const agentActor =
  (options: AgentOptions): ActorFactory<AgentMessage> =>
  (context) =>
    new Agent(options, context);

class Agent implements Actor<AgentMessage> {
  readonly #options: AgentOptions;
  readonly #context: ActorContext<AgentMessage>;
  readonly #fleet: PodFleet<AgentMessage>;
  #assignment: Assignment;
  readonly #registrar: Registrar;
  readonly #reporter: StatusReporter;
  readonly #leases: FleetLeases;
  readonly #sweeper: Sweeper;
  #podCidr: string;
  #health: NodeHealth;
  #early: AssignMessage[] = [];
  /** The first assignment of this session has been applied. */
  #oriented = false;
  #ending: ReplyTo<void> | undefined;
  #superseded = false;

  constructor(options: AgentOptions, context: ActorContext<AgentMessage>) {
    const { record, podHost } = options;
    this.#options = options;
    this.#context = context;
    this.#assignment = record ? assignmentOf(record) : emptyAssignment;
    this.#podCidr = record?.podCidr ?? "";
    this.#health = { since: context.clock.now() };
    if (this.#podCidr) podHost.addresses?.setRange(this.#podCidr);
    const { bus, prefix, node } = options;
    this.#registrar = new Registrar({ context, bus, prefix, node });
    this.#reporter = new StatusReporter({
      publish: (message) => this.#publish("status", message),
      sendIn: (delayMs) => context.timers.once("send-reports", delayMs, { type: "send-reports" }),
    });
    this.#fleet = new PodFleet({
      context,
      host: podHost,
      report: (report) => void context.self.send({ type: "pod-report", report }),
      left: () => void context.self.send({ type: "pod-left" }),
    });
    this.#leases = new FleetLeases({ context, leases: options.leases, fleet: this.#fleet });
    this.#sweeper = new Sweeper({ context, host: podHost, isKept: (pod) => this.#fleet.has(pod) });
    options.attach(this.#fleet);
    for (const assigned of this.#assignment.pods.values()) this.#fleet.want(assigned, positionZero);
    context.timers.once("start-alone", startAloneMs, { type: "start-alone" });
    this.#register();
  }

  async receive(message: AgentMessage): Promise<void> {
    if (this.#superseded) return;
    switch (message.type) {
      case "register":
        return this.#register();
      case "registration":
        return this.#registered(message.answer);
      case "assign":
        return this.#assign(message.message);
      case "status-committed":
        return this.#reporter.committed(message.message.session, message.message.number);
      case "superseded":
        return this.#supersededBy(message.message.session, message.message.by);
      case "lease":
        if (message.message.session === this.#assignment.session) this.#leases.confirmed(message.message);
        return;
      case "log-seen":
        return this.#logSeen(message.logId);
      case "pod-report":
        return this.#reported(message.report);
      case "pod-left":
        return this.#endIfEmpty();
      case "runtime-health":
        return this.#runtimeHealth(message.error);
      case "pressure":
        return this.#pressure(message.conditions);
      case "connected":
        return this.#connected();
      case "heartbeat":
        return this.#heartbeat();
      case "send-reports":
        return this.#reporter.send();
      case "save":
        return this.#save();
      case "sweep":
        if (this.#oriented) this.#sweeper.sweep();
        return;
      case "swept":
        return this.#sweeper.swept(message.error);
      case "start-alone":
        return this.#startAlone();
      case "remove-pods":
        return this.#removePods(message.replyTo);
      default:
        return assertNever(message, "agent message");
    }
  }

  /** A planned end: the next agent finds the newest statuses, so that nothing flaps. */
  async stopped(): Promise<void> {
    if (!this.#superseded) await this.#save();
  }

  // ---- registration ----

  #register(): void {
    this.#registrar.ask(() => {
      const { point, session } = this.#assignment;
      return {
        version: 1,
        registration: nodeRegistration(this.#options.description),
        ...(point && session !== undefined && { last: { ...point, session } }),
        pods: [...this.#fleet.uids()],
      };
    });
  }

  #registerAgain(reason: string): void {
    if (this.#registrar.asking) return;
    this.#context.logger.warn({ reason }, "registering again");
    this.#register();
  }

  async #registered(answer: RegistrationAnswer): Promise<void> {
    this.#registrar.answered();
    if (answer.type === "failed") return this.#registrar.failed(answer.message, answer.refused);
    const { reply } = answer;
    const outcome = applyRegistration(this.#assignment, reply);
    if (outcome.type === "refuse") return this.#registrar.failed(outcome.reason, true);
    const { podHost, services, view } = this.#options;
    const { logger, timers } = this.#context;
    const range = podHost.addresses?.setRange(reply.podCidr);
    if (range && !range.ok) logger.error({ podCidr: reply.podCidr }, range.error.message);
    const gateway = podHost.addresses?.gateway;
    if (gateway !== undefined) await podHost.dns?.listen(gateway);
    this.#assignment = outcome.assignment;
    this.#podCidr = reply.podCidr;
    this.#registrar.accepted();
    this.#oriented = false;
    await this.#save();
    view.session = reply.session;
    logger.info({ session: reply.session, position: reply.point.position }, "registered");
    timers.every("heartbeat", reply.heartbeatMs || defaultHeartbeatMs, { type: "heartbeat" });
    this.#heartbeat();
    this.#reporter.begin(reply.session, this.#fleet.reports().values(), this.#nodeStatus());
    services.refresh();
    for (const message of this.#early.splice(0)) await this.#assign(message);
    if (!this.#oriented) timers.once("assign-wait", assignWaitMs, { type: "connected" });
  }

  #logSeen(logId: LogId): void {
    const { point } = this.#assignment;
    if (!point) return;
    const verdict = judgePoint(this.#assignment, { ...point, logId });
    if (verdict === "other-log") this.#registerAgain("the leader's log has another identity");
  }

  // ---- assignments ----

  async #assign(message: AssignMessage): Promise<void> {
    if (this.#ending) return;
    const { logger } = this.#context;
    const { session } = this.#assignment;
    if (this.#registrar.asking && (session === undefined || message.session > session)) {
      if (this.#early.length < maxEarly) this.#early.push(message);
      return;
    }
    const outcome = applyAssign(this.#assignment, message);
    switch (outcome.type) {
      case "ignore":
        logger.debug({ reason: outcome.reason, kind: message.kind }, "an assignment was ignored");
        return;
      case "register":
        return this.#registerAgain(outcome.reason);
      case "sync":
        return this.#sync(outcome.reason);
      case "apply":
        break;
      default:
        assertNever(outcome, "assign outcome");
    }
    if (outcome.assignment.digest !== message.digest) {
      logger.error({ position: message.to }, "the digest of a whole assignment differs from its pods");
    }
    this.#assignment = outcome.assignment;
    // On disk before it is obeyed: a restarted agent never goes back behind what it has done.
    await this.#save();
    // An unwanted pod is whatever has an actor and is not named, from whichever time it is.
    for (const uid of this.#fleet.uids()) {
      if (!this.#assignment.pods.has(uid)) this.#fleet.drop(uid, "no longer assigned to this node");
    }
    const changed = this.#oriented ? outcome.changed : this.#assignment.pods.values();
    for (const assigned of changed) this.#fleet.want(assigned, message.services);
    if (!this.#oriented) this.#orient();
    this.#reporter.forget(outcome.removed);
    if (outcome.removed.length > 0 || message.kind === "full") this.#forgetConfigs();
    this.#heartbeat();
  }

  #forgetConfigs(): void {
    this.#options.configs.retain(this.#assignment.pods.values()).catch((error: unknown) => {
      this.#context.logger.warn({ error: String(error) }, "configs that no pod uses could not be removed");
    });
  }

  #orient(): void {
    const { timers } = this.#context;
    this.#oriented = true;
    timers.cancel("assign-wait");
    timers.cancel("start-alone");
    this.#fleet.release("none");
    this.#sweeper.sweep();
  }

  #sync(reason: string): void {
    const { session } = this.#assignment;
    if (session === undefined) return;
    this.#context.logger.info({ reason }, "asking for the whole assignment");
    this.#publish("sync", { version: 1, session, reason });
  }

  #startAlone(): void {
    if (this.#oriented) return;
    if (this.#fleet.size > 0) {
      this.#context.logger.warn(
        { pods: this.#fleet.size },
        "no leader yet; going on by the record of the last assignment",
      );
    }
    this.#fleet.release("unknown-identities");
  }

  /** Another agent has this node's name now. Its pods are its: containers are left as they are. */
  #supersededBy(session: SessionId, by: SessionId): void {
    if (this.#registrar.asking || session !== this.#assignment.session) return;
    if (by <= session) return this.#registerAgain("the leader does not know this session");
    const { view, giveUp, node } = this.#options;
    this.#superseded = true;
    view.session = undefined;
    giveUp(
      new Error(
        `node ${node}: session ${session} was superseded by session ${by}: another agent registered under this name. ` +
          "This one has stopped acting; its containers run on for the other. Give one of them another name.",
      ),
    );
  }

  // ---- reports ----

  #reported(report: PodReport): void {
    if (this.#ending || !this.#assignment.pods.has(report.uid)) return;
    this.#reporter.pod(report);
    const { timers } = this.#context;
    if (!timers.has("save")) timers.once("save", saveEveryMs, { type: "save" });
  }

  #nodeStatus(): ReturnType<typeof nodeStatus> {
    return nodeStatus(this.#options.description, this.#health);
  }

  #runtimeHealth(error: string | undefined): void {
    if (error === this.#health.runtimeError) return;
    const { runtimeError: _before, ...rest } = this.#health;
    const since = this.#context.clock.now();
    this.#health = { ...rest, since, ...(error !== undefined && { runtimeError: error }) };
    this.#reporter.node(this.#nodeStatus());
  }

  #pressure(conditions: ReadonlySet<PressureType>): void {
    const now = this.#context.clock.now();
    this.#health = { ...this.#health, pressure: nextPressure(this.#health.pressure, conditions, now) };
    this.#reporter.node(this.#nodeStatus());
  }

  #heartbeat(): void {
    const { services } = this.#options;
    const { session, point, digest } = this.#assignment;
    if (session === undefined || !point || this.#options.view.session === undefined) return;
    // Before the first assignment nothing says which pods are ours, and until the sweep is over some may run.
    if (this.#oriented && !this.#sweeper.sweeping) this.#leases.retain();
    const lease = this.#leases.look(this.#assignment.pods.values());
    const message: HeartbeatMessage = {
      version: 1,
      session,
      ...point,
      digest,
      endpoints: services.applied,
      reported: this.#reporter.number,
      ...(lease !== undefined && { lease }),
    };
    this.#publish("heartbeat", message);
  }

  /** Connected again, or the assignment is late: say where this node stands, and ask for what may be missing. */
  #connected(): void {
    if (this.#options.view.session === undefined) return;
    this.#heartbeat();
    this.#reporter.send();
    this.#options.services.refresh();
    if (!this.#oriented) {
      this.#sync("no assignment has come yet");
      this.#context.timers.once("assign-wait", assignWaitMs, { type: "connected" });
    }
  }

  #publish(name: NodeMessageName, message: object): void {
    const { bus, prefix, node } = this.#options;
    // While disconnected nothing is buffered: the next heartbeat, report or sync says it all again.
    if (bus.state === "connected") bus.publish(nodeSubject(prefix, node, name), encode(message));
  }

  // ---- record, the end ----

  async #save(): Promise<void> {
    this.#context.timers.cancel("save");
    const { cluster, node, host } = this.#options;
    const reports = this.#fleet.reports();
    const record = recordOf({
      cluster,
      node,
      assignment: this.#assignment,
      podCidr: this.#podCidr,
      reports,
      services: this.#options.services.entries(),
    });
    await host.record.save(JSON.stringify(record));
  }

  #removePods(replyTo: ReplyTo<void>): void {
    this.#ending = replyTo;
    this.#fleet.dropAll("the agent stops and removes its pods", mostStopGraceSeconds);
    this.#endIfEmpty();
  }

  /** The last pod is gone: what former agents left goes too, and then whoever asked may know. */
  #endIfEmpty(): void {
    const ending = this.#ending;
    if (!ending || this.#fleet.size > 0) return;
    this.#sweeper.sweepAll(mostStopGraceSeconds * 1000).then(
      () => {
        this.#leases.release();
        ending.reply();
      },
      (error: unknown) => ending.fail(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
