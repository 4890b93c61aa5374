// What an invariant is: something that hears the log, the containers and the answers, and says when it is broken.
// A new one is a file in this folder and a line in all.ts.

import type { SignalName, Signals } from "../../../node-agent/pressure/signals.ts";
import type { Uid } from "../../../protocol/mod.ts";
import type { RuntimeCall } from "../cluster/watched-runtime.ts";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNode } from "../cluster/sim-node.ts";
import type { OracleListener } from "../oracle.ts";
import type { SimProcess } from "../engine/process.ts";

export interface Eviction {
  readonly pod: Uid;
  readonly signal: SignalName;
}

export interface Invariant extends OracleListener {
  readonly name: string;
  runtimeCall?(node: SimNode, call: RuntimeCall): void;
  /** What a volume of a pod shows from now on, by path. */
  filesWritten?(node: SimNode, pod: Uid, files: ReadonlyMap<string, string>): void;
  /** An agent has read what is left on its host. */
  measured?(node: SimNode, signals: Signals): void;
  /** An agent has decided that a pod goes, because something is short. */
  evicts?(node: SimNode, eviction: Eviction): void;
  /** The guard of leases ends a pod. */
  fences?(node: SimNode, step: "stop" | "kill", pod: Uid): void;
  /** An agent asks its engine to pull an image. */
  pulls?(node: SimNode, image: string): void;
  /** A message leaves a process. */
  sent?(process: SimProcess, subject: string, data: Uint8Array): void;
  /** Now and then, and when all is quiet in the end. */
  checkpoint?(moment: "running" | "settled"): void;
}

export type MakeInvariant = (cluster: SimCluster) => Invariant;

export class Violation extends Error {
  override readonly name = "Violation";
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

/** Fails the run unless `holds`; the message is made only then. */
export function must(holds: boolean, invariant: string, message: () => string): void {
  if (!holds) throw new Violation(invariant, message());
}
