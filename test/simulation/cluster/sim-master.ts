// One place where a master runs: started, killed, stopped and started again, as systemd would.

import type { EventLog } from "../../../actors/mod.ts";
import { logStreamName, logSubject } from "../../../protocol/mod.ts";
import { defaultElectionTimes } from "../../../master/leadership/mod.ts";
import { type Master, startMaster } from "../../../master/mod.ts";
import { HostClock, type SimProcess } from "../engine/process.ts";
import { writerOf } from "../oracle.ts";
import { nextVersionsLog } from "./dialect.ts";
import { ProcessBus, processLog } from "./process-bus.ts";
import { Restarts } from "./restarts.ts";
import type { SimCluster } from "./sim-cluster.ts";

export const prefix = "berth";
export const stream = { stream: logStreamName(prefix), subject: logSubject(prefix) };
export const clusterConfig = { podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16" };
/** Every master has the same one, as its operator would see to. */
const secretKey = Buffer.alloc(32, "simulated").toString("base64");
export const restartMs = 1_000;
/** Often enough that autoscalers have come to rest when a cluster has been quiet for a while. */
const autoscaleEveryMs = 2_000;

export class SimMaster {
  readonly name: string;
  readonly host: HostClock;
  readonly #cluster: SimCluster;
  process: SimProcess | undefined;
  master: Master | undefined;
  readonly #restarts: Restarts;
  #isNext = false;

  constructor(cluster: SimCluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
    this.host = new HostClock(cluster.timeline, cluster.startAt);
    this.#restarts = new Restarts(cluster.timeline, () => this.start());
  }

  get standing(): string {
    return this.process?.alive ? (this.master?.standing ?? "starting") : "dead";
  }

  start(): void {
    this.#restarts.wanted = true;
    if (this.process?.alive) return;
    const cluster = this.#cluster;
    if (cluster.network.down) return this.#restarts.after(restartMs);
    const process = cluster.process(this.name, this.host);
    this.process = process;
    this.master = undefined;
    const client = cluster.network.connect(this.name, process);
    cluster.trace.tell(this.name, () => "starts");
    startMaster({
      world: process,
      bus: new ProcessBus(process, client, cluster.tap),
      log: this.#logFor(process, processLog(process, client.eventLog(stream))),
      prefix,
      id: this.name,
      version: "1.0.0",
      clusterConfig,
      secretKeys: [secretKey],
      election: defaultElectionTimes,
      autoscaleEveryMs,
      readSide: { type: "inline" },
      decodeCommit: cluster.decodeCommit,
    }).then(
      (master) => {
        if (!process.alive) return;
        this.master = master;
        void master.failed.then((error) => this.#ended(process, `failed: ${error.message}`));
      },
      (error: unknown) => this.#ended(process, `did not start: ${String(error)}`),
    );
  }

  /** From one moment to the next. `sent`: what it had sent still reaches the server. */
  crash(sent: boolean): void {
    const { process } = this;
    if (!process?.alive) return;
    this.#cluster.trace.tell(this.name, () => "crashes");
    this.#end(process, sent);
  }

  /** Hands over and ends. */
  stopGently(): void {
    const { process, master } = this;
    if (!process?.alive || !master) return;
    this.#cluster.trace.tell(this.name, () => "is stopped gently");
    const ended = (reason: string) => (): void => this.#ended(process, reason);
    master.stop().then(ended("stopped"), ended("did not stop well"));
  }

  /** Stays away until `start`. */
  keepDown(): void {
    this.#restarts.wanted = false;
    this.crash(true);
  }

  /** The next version of the master is installed, or this one again, and started in place of the one that runs. */
  install(version: "next" | "this"): void {
    const isNext = version === "next";
    if (isNext === this.#isNext) return;
    this.#cluster.trace.tell(this.name, () => `is of ${version} version from now on`);
    this.#isNext = isNext;
    this.crash(true);
  }

  #logFor(process: SimProcess, log: EventLog): EventLog {
    const cluster = this.#cluster;
    if (!this.#isNext) return log;
    return nextVersionsLog(
      log,
      () => cluster.writesNext,
      (messageId, isChanged) => {
        if (!process.alive) return;
        cluster.nextWriters.add(writerOf(messageId));
        if (isChanged) cluster.coverage.fired("master-version");
      },
    );
  }

  #ended(process: SimProcess, reason: string): void {
    if (process !== this.process || !process.alive) return;
    this.#cluster.trace.tell(this.name, () => `ends: ${reason}`);
    this.#cluster.coverage.mark("master ended by itself");
    this.#end(process, true);
  }

  #end(process: SimProcess, sent: boolean): void {
    process.kill();
    this.master = undefined;
    this.#cluster.network.end(this.name)?.client.vanish({ sent });
    this.#restarts.after(restartMs);
  }
}
