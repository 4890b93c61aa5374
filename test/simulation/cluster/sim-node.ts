// One host: its machine with containers that outlive agents, its disk, and the agent that is started, killed and
// started again. The machine may be replaced by another under the same name.

import {
  createSimulatedRuntime,
  SimulatedMachine,
  startAgent,
  type AgentHandle,
  type ContainerId,
  type SandboxId,
} from "../../../node-agent/mod.ts";
import type { RecordStore } from "../../../node-agent/host/agent-host.ts";
import { memoryConfigs } from "../../../node-agent/configs/config-cache.ts";
import { memoryRecord, simulatedHost } from "../../../node-agent/host/simulated-host.ts";
import { SimulatedLeaseHost } from "../../../node-agent/leases/simulated-lease-host.ts";
import type { Signals } from "../../../node-agent/pressure/signals.ts";
import { SimulatedContainer } from "../../../node-agent/runtime/simulated/simulated-container.ts";
import { testContainer } from "../../../node-agent/testkit/runtime-fixture.ts";
import type { NodeName, Uid } from "../../../protocol/mod.ts";
import { HostClock, type SimProcess } from "../engine/process.ts";
import { pressureSettings } from "./host-pressure.ts";
import { type AgentVersion, type Dialect, dialectOf } from "./dialect.ts";
import { Violation } from "../invariants/invariant.ts";
import { ProcessBus } from "./process-bus.ts";
import { processConfigs, processRecord, processRuntime } from "./process-runtime.ts";
import { SimDisk } from "./sim-disk.ts";
import { Restarts } from "./restarts.ts";
import type { SimCluster } from "./sim-cluster.ts";
import { watchRuntime } from "./watched-runtime.ts";
import { watchVolumes } from "./watched-volumes.ts";
import { prefix, restartMs } from "./sim-master.ts";

export const clusterName = "simulated";
/** One that was told that another has its name is not started again so soon. */
const supersededRestartMs = 20_000;

export interface NodeShape {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

export class SimNode {
  readonly shape: NodeShape;
  readonly host: HostClock;
  readonly #cluster: SimCluster;
  /** Name on the network: another one's than the node's for a second machine under the same name. */
  readonly wire: string;
  machine: SimulatedMachine;
  /** With a guard that outlives agents. */
  #leases: SimulatedLeaseHost;
  disk = this.#makeDisk();
  #key = memoryRecord();
  #configs = memoryConfigs();
  /** Volumes whose data is on its disk. */
  claims = new Set<string>();
  process: SimProcess | undefined;
  agent: AgentHandle | undefined;
  #machines = 0;
  #boots = 1;
  readonly #restarts: Restarts;
  #version: AgentVersion | undefined;
  readonly #machineProcess: SimProcess;

  constructor(cluster: SimCluster, shape: NodeShape, wire: string = shape.name) {
    this.#cluster = cluster;
    this.shape = shape;
    this.wire = wire;
    this.host = new HostClock(cluster.timeline, cluster.startAt);
    this.#restarts = new Restarts(cluster.timeline, () => this.start());
    this.#machineProcess = cluster.process(`${wire}:host`, this.host);
    this.machine = this.#makeMachine();
    this.#leases = this.#makeLeases();
  }

  get name(): NodeName {
    return this.shape.name as NodeName;
  }
  get isRunning(): boolean {
    return this.process?.alive === true && this.agent !== undefined;
  }

  start(): void {
    this.#restarts.wanted = true;
    if (this.process?.alive) return;
    const cluster = this.#cluster;
    if (cluster.network.down) return this.#restarts.after(restartMs);
    const process = cluster.process(this.wire, this.host);
    this.process = process;
    this.agent = undefined;
    const client = cluster.network.connect(this.wire, process);
    const runtime = createSimulatedRuntime({
      cluster: clusterName,
      node: this.name,
      world: process,
      machine: this.machine,
    });
    cluster.trace.tell(this.wire, () => "agent starts");
    const record: RecordStore = this.disk;
    const host = simulatedHost({
      hostname: this.wire,
      address: `192.168.0.${1 + (this.#machines % 250)}`,
      bootId: this.#bootId,
      record: processRecord(process, record),
      key: processRecord(process, this.#key),
      configs: processConfigs(process, this.#configs),
      claims: this.claims,
      leases: this.#leases,
      signals: () => this.#measure(),
    });
    const { hosts } = cluster.plan;
    startAgent({
      world: process,
      bus: new ProcessBus(process, client, cluster.tap, this.#dialect),
      prefix,
      node: this.name,
      cluster: clusterName,
      runtime: processRuntime(process, watchRuntime(cluster, this, runtime)),
      directory: `/${this.wire}`,
      labels: this.shape.labels,
      capacity: { cpuMilli: this.shape.cpuMilli, memoryBytes: this.shape.memoryBytes, pods: this.shape.pods },
      version: "1.0.0",
      ...(hosts && { pressure: pressureSettings(hosts) }),
      host: { ...host, volumes: watchVolumes(cluster, { node: this, process }, host.volumes) },
    }).then(
      (agent) => {
        if (!process.alive) return;
        this.agent = agent;
        void agent.failed.then((error) =>
          this.#ended(
            process,
            error.message,
            error.message.includes("superseded") ? supersededRestartMs : restartMs,
          ),
        );
      },
      (error: unknown) => this.#ended(process, `did not start: ${String(error)}`, restartMs),
    );
  }

  crash(sent: boolean): void {
    const { process } = this;
    if (!process?.alive) return;
    this.#cluster.trace.tell(this.wire, () => "agent crashes");
    this.#end(process, sent, restartMs);
  }

  /** A planned restart: the containers run on. */
  stopGently(): void {
    const { process, agent } = this;
    if (!process?.alive || !agent) return;
    this.#cluster.trace.tell(this.wire, () => "agent is stopped gently");
    const ended = (reason: string) => (): void => this.#ended(process, reason, restartMs);
    agent.stop({ removePods: false }).then(ended("stopped"), ended("did not stop well"));
  }

  keepDown(): void {
    this.#restarts.wanted = false;
    this.crash(true);
  }

  /** Another version of the agent is installed, and started in place of the one that runs; undefined for this one. */
  install(version: AgentVersion | undefined): void {
    if (version === this.#version) return;
    this.#cluster.trace.tell(this.wire, () => `agent is ${version ?? "of this version"} from now on`);
    this.#version = version;
    this.crash(true);
  }

  /** The host loses power and boots again: agent and containers end, the disk stays. */
  reboot(): void {
    this.#cluster.trace.tell(this.wire, () => "host reboots");
    this.crash(false);
    this.#boots++;
    this.#leases.end();
    this.#machineProcess.enter(() => this.machine.powerOff());
    this.#leases = this.#makeLeases();
  }

  /** Another machine takes its place, with an empty disk; what ran on the old one is gone with it. */
  replace(): void {
    this.#cluster.trace.tell(this.wire, () => "machine is replaced by another of the same name");
    this.crash(false);
    this.machine.powerOff();
    this.#leases.end();
    this.#cluster.forgetMachine(this.machine);
    this.disk = this.#makeDisk();
    this.#key = memoryRecord();
    this.#configs = memoryConfigs();
    this.claims = new Set();
    this.machine = this.#makeMachine();
    this.#leases = this.#makeLeases();
  }

  heal(): void {
    this.machine.release();
    this.machine.startEngine();
    this.machine.takenPorts.clear();
    this.machine.diskFull = false;
    this.machine.resources.otherMemoryBytes = 0;
    this.machine.resources.otherDiskBytes = 0;
    for (const verb of slowVerbs) this.machine.setLatency(verb, 0);
    this.disk.heal();
    // One that says more than is known here may stay.
    if (this.#version === "next-version") this.install(undefined);
    this.process?.resume();
    this.start();
  }

  /** What its agent reads of it. */
  #measure(): Signals {
    const signals = this.machine.resources.signals();
    this.#cluster.onMeasured(this, signals);
    return signals;
  }

  get #dialect(): Dialect | undefined {
    const { coverage, timeline } = this.#cluster;
    const onTaken = (): void =>
      timeline.fail(
        new Violation("who is not understood is no node", `${this.wire} is registered by its next version`),
      );
    return (
      this.#version && dialectOf(this.#version, { onSay: () => coverage.fired("agent-version"), onTaken })
    );
  }

  get #bootId(): string {
    return `${this.wire}-${this.#machines}-${this.#boots}`;
  }

  #makeDisk(): SimDisk {
    return new SimDisk(() => this.machine.resources.disk.available <= 0);
  }

  /** Anew with every boot: neither its record nor its guard outlives one. */
  #makeLeases(): SimulatedLeaseHost {
    return new SimulatedLeaseHost(this.machine, this.#bootId, (step, pod) =>
      this.#cluster.onFence(this, step, pod),
    );
  }

  #makeMachine(): SimulatedMachine {
    this.#machines++;
    const machine = new SimulatedMachine({
      clock: this.#machineProcess.clock,
      cpuMilli: this.shape.cpuMilli,
      memoryBytes: this.shape.memoryBytes,
      program: (spec, pod) => this.#cluster.programs.of(spec, pod),
    });
    if (this.#cluster.plan.images) machine.presentImages = new Set();
    this.#addForeign(machine);
    this.#cluster.addMachine(machine, this);
    return machine;
  }

  /** Something that is none of ours, and must be there in the end. */
  #addForeign(machine: SimulatedMachine): void {
    const { clock } = machine;
    const sandbox = "foreign.0" as SandboxId;
    const id = "foreign.0.main.0" as ContainerId;
    const pod = {
      cluster: "another",
      node: this.name,
      namespace: "default",
      name: "foreign",
      uid: "foreign" as Uid,
    };
    machine.sandboxes.set(sandbox, {
      id: sandbox,
      pod,
      attempt: 0,
      ready: true,
      ip: "10.88.255.1",
      createdAt: clock.now(),
    });
    const spec = testContainer({ image: "foreign" });
    const container = new SimulatedContainer({ id, sandbox, pod, spec, program: {} }, clock, () => undefined);
    machine.containers.set(id, container);
    container.start();
  }

  #ended(process: SimProcess, reason: string, delayMs: number): void {
    if (process !== this.process || !process.alive) return;
    this.#cluster.trace.tell(this.wire, () => `agent ends: ${reason}`);
    this.#end(process, true, delayMs);
  }

  #end(process: SimProcess, sent: boolean, delayMs: number): void {
    process.kill();
    this.agent = undefined;
    this.#cluster.network.end(this.wire)?.client.vanish({ sent });
    this.#restarts.after(delayMs);
  }
}

export const slowVerbs = [
  "runSandbox",
  "createContainer",
  "startContainer",
  "stopContainer",
  "removeContainer",
  "removeSandbox",
  "listContainers",
  "pullImage",
] as const;
