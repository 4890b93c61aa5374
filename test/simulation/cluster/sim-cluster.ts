// The whole cluster of one run: the server, masters, hosts and users, and everything that watches them.

import { createMemoryHub, type Logger, type MemoryHub } from "../../../actors/mod.ts";
import { decode, type Uid } from "../../../protocol/mod.ts";
import type { SimulatedMachine } from "../../../node-agent/mod.ts";
import type { Signals } from "../../../node-agent/pressure/signals.ts";
import { Coverage } from "../coverage.ts";
import { Draw } from "../engine/draw.ts";
import { HostClock, SimProcess } from "../engine/process.ts";
import { Timeline } from "../engine/timeline.ts";
import { beginLasting, type LastingFault } from "../faults/lasting.ts";
import { invariants } from "../invariants/all.ts";
import type { Eviction, Invariant } from "../invariants/invariant.ts";
import { Oracle } from "../oracle.ts";
import type { Plan } from "../plan.ts";
import { Trace } from "../trace.ts";
import { processLogger } from "./process-logger.ts";
import { Network } from "./network.ts";
import type { Wiretap } from "./process-bus.ts";
import { Registry } from "./registry.ts";
import { Programs } from "./programs.ts";
import { sharedCommits } from "./shared-commits.ts";
import { SimMaster, stream } from "./sim-master.ts";
import { type NodeShape, SimNode } from "./sim-node.ts";
import { SimUser } from "./sim-user.ts";
import type { RuntimeCall } from "./watched-runtime.ts";

const startAt = Date.UTC(2026, 0, 1);
const checkpointMs = 15_000;

export class SimCluster {
  readonly startAt = startAt;
  readonly plan: Plan;
  readonly timeline = new Timeline();
  readonly trace: Trace;
  readonly coverage = new Coverage();
  readonly draw: Draw;
  readonly server: SimProcess;
  readonly hub: MemoryHub;
  readonly network: Network;
  readonly oracle: Oracle;
  readonly programs: Programs;
  readonly registry: Registry;
  readonly masters: SimMaster[];
  readonly nodes: SimNode[];
  readonly users: SimUser[];
  /** Machines that are there, with the host that each belongs to; second ones under a node's name too. */
  readonly machines = new Map<SimulatedMachine, SimNode>();
  /** Share of runtime calls that are done and not answered, by node's wire name. */
  readonly unanswered = new Map<string, number>();
  /** How long an agent waits for its engine at this wire name; the work goes on. */
  readonly patience = new Map<string, number>();
  /** When a process last sent a heartbeat, by its name on the network. */
  readonly heartbeats = new Map<string, number>();
  readonly doubled = new Set<string>();
  /** Pods that an agent has let go because its host was full. */
  readonly evicted = new Set<Uid>();
  /** Masters of the next version write as that version does: all are told to be able to read it. */
  get writesNext(): boolean {
    return this.oracle.readsNext;
  }
  /** Ids of masters of the next version; what they wrote may come when another version runs in their place. */
  readonly nextWriters = new Set<string>();
  /** Highest position that any user was told. */
  acknowledged = 0;
  readonly tap: Wiretap;
  readonly decodeCommit = sharedCommits();
  readonly #invariants: readonly Invariant[];
  readonly #seed: number;
  #processes = 0;
  readonly #alive = new Set<SimProcess>();
  readonly #twins = new Set<SimNode>();
  #healed = false;

  constructor(plan: Plan, options: { readonly told: boolean }) {
    this.plan = plan;
    this.#seed = plan.seed;
    this.draw = new Draw(plan.seed + 17);
    this.trace = new Trace(this.timeline, options.told);
    const { trace, timeline } = this;
    timeline.onEvent = (due) => trace.event(due);
    this.server = this.process("nats", new HostClock(timeline, startAt));
    this.hub = createMemoryHub(this.server);
    const { latencyMs, jitterMs } = plan.network;
    this.network = new Network({
      hub: this.hub,
      draw: this.draw.fork(),
      coverage: this.coverage,
      latencyMs,
      jitterMs,
    });
    this.programs = new Programs({
      seed: plan.seed,
      rates: plan.programs,
      appetite: plan.hosts,
      health: plan.health,
      now: () => timeline.now,
    });
    this.registry = new Registry(timeline, plan.images);
    this.oracle = new Oracle(
      this.hub.createStream(stream.stream),
      () => timeline.now,
      (error) => timeline.fail(error),
    );
    this.masters = plan.masters.map((name) => new SimMaster(this, name));
    this.nodes = plan.nodes.map((shape) => new SimNode(this, shape));
    this.users = plan.users.map((name) => new SimUser(this, name));
    this.#invariants = plan.invariants ? invariants.map((make) => make(this)) : [];
    this.oracle.listeners.push(...this.#invariants, this.#storyteller());
    const senders = this.#invariants.filter(({ sent }) => sent);
    this.tap = (process, subject, data) => {
      trace.number(data.length);
      trace.word(subject);
      if (subject.endsWith(".heartbeat")) this.heartbeats.set(process.name, timeline.now);
      trace.tell(process.name, () => `says ${subject} (${data.length} bytes)`);
      this.#check(() => {
        for (const invariant of senders) invariant.sent?.(process, subject, data);
      });
    };
  }

  start(): void {
    for (const master of this.masters) master.start();
    for (const node of this.nodes) node.start();
    for (const user of this.users) user.start();
    const checkpoint = (): void => {
      this.checkpoint("running");
      this.timeline.after(checkpointMs, checkpoint);
    };
    if (this.#invariants.length > 0) this.timeline.after(checkpointMs, checkpoint);
  }

  process(name: string, host: HostClock): SimProcess {
    const seed = this.#seed * 1_009 + 7_919 * ++this.#processes;
    const process = new SimProcess({
      name,
      timeline: this.timeline,
      host,
      seed,
      logger: (own): Logger => processLogger(this, own),
    });
    this.#alive.add(process);
    return process;
  }
  processes(): readonly SimProcess[] {
    for (const process of this.#alive) if (!process.alive) this.#alive.delete(process);
    return [...this.#alive];
  }

  /** A second machine under a node's name. */
  secondMachine(shape: NodeShape): SimNode {
    const node = new SimNode(this, shape, `${shape.name}-twin`);
    this.doubled.add(shape.name);
    this.#twins.add(node);
    return node;
  }
  endTwin(twin: SimNode): void {
    this.#twins.delete(twin);
    twin.keepDown();
    this.forgetMachine(twin.machine);
  }

  /** For what belongs to a fault: it is not done any more once all faults have ended. */
  inTrouble(delayMs: number, action: () => void): void {
    this.timeline.after(delayMs, () => {
      if (!this.#healed) action();
    });
  }
  isDoubled(node: SimNode): boolean {
    return this.doubled.has(node.name);
  }
  addMachine(machine: SimulatedMachine, node: SimNode): void {
    this.machines.set(machine, node);
  }
  forgetMachine(machine: SimulatedMachine): void {
    this.machines.delete(machine);
  }

  onRuntimeCall(node: SimNode, call: RuntimeCall): void {
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.runtimeCall?.(node, call);
    });
  }
  onMeasured(node: SimNode, signals: Signals): void {
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.measured?.(node, signals);
    });
  }
  /** An agent has decided that a pod has to go from its host. */
  onEviction(process: SimProcess, eviction: Eviction): void {
    const node = [...this.nodes, ...this.#twins].find(({ wire }) => wire === process.name);
    if (!node) return;
    this.evicted.add(eviction.pod);
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.evicts?.(node, eviction);
    });
  }
  onFence(node: SimNode, step: "stop" | "kill", pod: Uid): void {
    this.trace.tell(node.wire, () => `the guard of leases: ${step} ${pod}`);
    this.coverage.mark(`lease over: ${step}`);
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.fences?.(node, step, pod);
    });
  }
  onPull(node: SimNode, image: string): void {
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.pulls?.(node, image);
    });
  }
  onFiles(node: SimNode, pod: Uid, files: ReadonlyMap<string, string>): void {
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.filesWritten?.(node, pod, files);
    });
  }
  losesAnswer(node: SimNode): boolean {
    const share = this.unanswered.get(node.wire) ?? 0;
    if (share === 0 || !this.draw.chance(share)) return false;
    this.coverage.fired("runtime-unanswered");
    return true;
  }

  checkpoint(moment: "running" | "settled"): void {
    this.#check(() => {
      for (const invariant of this.#invariants) invariant.checkpoint?.(moment);
    });
  }

  decoded(data: Uint8Array): Readonly<Record<string, unknown>> | undefined {
    const value = decode(data);
    return value.ok && typeof value.value === "object" && value.value !== null
      ? (value.value as Readonly<Record<string, unknown>>)
      : undefined;
  }

  /** Faults end: everything that is away comes back, and what is broken works again. */
  heal(): void {
    this.trace.tell("world", () => "all faults end");
    this.#healed = true;
    for (const twin of this.#twins) this.endTwin(twin);
    for (const process of this.processes()) process.disarmCrash();
    this.network.heal();
    this.server.resume();
    this.programs.steady = true;
    this.registry.heal();
    this.unanswered.clear();
    this.patience.clear();
    for (const { host } of [...this.masters, ...this.nodes]) host.drift(1);
    for (const place of this.masters) {
      place.host.jump(this.#wallError(place.host));
      place.process?.resume();
      if (this.writesNext) place.install("next");
      place.start();
    }
    for (const node of this.nodes) {
      node.host.jump(this.#wallError(node.host));
      node.heal();
    }
    for (const user of this.users) user.heal();
    for (const fault of this.plan.lasting ?? []) beginLasting(this, fault);
  }

  raiseLevel(): void {
    this.trace.tell("world", () => "masters of the next version write as it does from now on");
    this.oracle.readsNext = true;
  }

  /** What stays wrong with it for ever. */
  lastingFault(name: string): LastingFault | undefined {
    return this.plan.lasting?.find((fault) => fault.name === name);
  }

  /** What NTP would put right. */
  #wallError(host: HostClock): number {
    return Math.round(startAt + this.timeline.now - host.wall());
  }

  #check(action: () => void): void {
    try {
      action();
    } catch (error) {
      // Product code may catch what it throws; the run fails all the same.
      this.timeline.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #storyteller(): Invariant {
    const { trace, coverage } = this;
    return {
      name: "story",
      accepted: ({ commit, sequence, writer }) => {
        trace.number(sequence);
        for (const { type } of commit.events) coverage.event(type);
        trace.tell("log", () => {
          const events = commit.events.map((event, index) => {
            const about = "object" in event ? ` ${event.object.kind}/${event.object.name}` : "";
            return `${commit.firstPosition + index} ${event.type}${about} by ${event.by}`;
          });
          return `commit ${sequence} of ${writer}, epoch ${commit.epoch}: ${events.join("; ")}`;
        });
      },
      skipped: (sequence, reason) => {
        coverage.mark("commits skipped");
        trace.tell("log", () => `sequence ${sequence} does not count: ${reason}`);
      },
    };
  }
}
