// Nodes and what stands on each: pods, resources in use, equal pods, host ports.
// `used` is a sum over the pods, kept up as they come and go; it is never stored by itself.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import type { NodeRow, PodRow, Resources } from "./contract.ts";
import type { PodEntry } from "./label-sets.ts";
import { wildcardIp } from "./pod-needs.ts";
import { priorityOf } from "./priorities.ts";

export const noResources: Resources = Object.freeze({ cpuMilli: 0, memoryBytes: 0, pods: 0 });

/** Finished pods hold no resources (as Kubernetes counts them). */
export const isFinished = (row: PodRow): boolean =>
  row.status.phase === "Succeeded" || row.status.phase === "Failed";

/**
 * A node's name outlives its row: pods may be bound to a node whose object was deleted.
 * Sums are kept in place, and put into a new row when somebody reads it: replay binds a lot and reads nothing.
 */
class Berths {
  #row: NodeRow | undefined;
  #current = true;
  #cpuMilli = 0;
  #memoryBytes = 0;
  #pods = 0;
  readonly pods = new Set<PodEntry>();
  readonly groups = new Map<string, number>();
  /** What pods of each priority hold; those on their way out count as below everyone. */
  readonly #priorities = new Map<number, Held>();
  readonly hostPorts = new Map<string, number>();

  get row(): NodeRow | undefined {
    if (!this.#current && this.#row) {
      const used = { cpuMilli: this.#cpuMilli, memoryBytes: this.#memoryBytes, pods: this.#pods };
      this.#row = { ...this.#row, used };
    }
    this.#current = true;
    return this.#row;
  }

  set row(next: NodeRow | undefined) {
    this.#row = next;
    this.#current = false;
  }

  get empty(): boolean {
    return !this.#row && this.pods.size === 0;
  }

  /** Adds (sign 1) or takes away (sign -1) what a pod holds. */
  count(pod: PodRow, sign: 1 | -1): void {
    if (isFinished(pod)) return;
    const { cpuMilli, memoryBytes, pods } = pod.requests;
    this.#cpuMilli += sign * cpuMilli;
    this.#memoryBytes += sign * memoryBytes;
    this.#pods += sign * pods;
    this.#current = false;
    this.#hold(pod.deletion ? leavingPriority : priorityOf(pod), pod.requests, sign);
    if (!pod.deletion) step(this.groups, pod.group, sign);
    for (const hostPort of pod.hostPorts) {
      step(this.hostPorts, hostPort, sign);
      step(this.hostPorts, onAnyIp(hostPort), sign);
    }
  }

  #hold(priority: number, { cpuMilli, memoryBytes, pods }: Resources, sign: 1 | -1): void {
    let held = this.#priorities.get(priority);
    if (!held) this.#priorities.set(priority, (held = { cpuMilli: 0, memoryBytes: 0, pods: 0 }));
    held.cpuMilli += sign * cpuMilli;
    held.memoryBytes += sign * memoryBytes;
    held.pods += sign * pods;
    if (held.pods === 0) this.#priorities.delete(priority);
  }

  roomBelow(priority: number): Resources {
    const room = { cpuMilli: 0, memoryBytes: 0, pods: 0 };
    for (const [of, held] of this.#priorities) {
      if (of >= priority) continue;
      room.cpuMilli += held.cpuMilli;
      room.memoryBytes += held.memoryBytes;
      room.pods += held.pods;
    }
    return room;
  }

  /** A port on every address collides with the same port on any one. */
  hostPortTaken(hostPort: string): boolean {
    const [ip = "", ...rest] = hostPort.split("/");
    if (ip === wildcardIp) return this.hostPorts.has(onAnyIp(hostPort));
    return this.hostPorts.has(hostPort) || this.hostPorts.has([wildcardIp, ...rest].join("/"));
  }
}

interface Held {
  cpuMilli: number;
  memoryBytes: number;
  pods: number;
}
const leavingPriority = Number.NEGATIVE_INFINITY;

const onAnyIp = (hostPort: string): string => `*${hostPort.slice(hostPort.indexOf("/"))}`;

function step(counts: Map<string, number>, key: string, sign: number): void {
  const count = (counts.get(key) ?? 0) + sign;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

export class NodeTable {
  readonly #berths = new Map<NodeName, Berths>();
  readonly #names = new Map<Uid, NodeName>();

  get(name: NodeName): NodeRow | undefined {
    return this.#berths.get(name)?.row;
  }

  byUid(uid: Uid): NodeRow | undefined {
    const name = this.#names.get(uid);
    return name === undefined ? undefined : this.get(name);
  }

  *rows(): Iterable<NodeRow> {
    for (const { row } of this.#berths.values()) if (row) yield row;
  }

  get size(): number {
    return this.#names.size;
  }

  *podsOn(name: NodeName): Iterable<PodRow> {
    for (const { row } of this.#berths.get(name)?.pods ?? []) yield row;
  }

  groupCount(group: string, name: NodeName): number {
    return this.#berths.get(name)?.groups.get(group) ?? 0;
  }

  hostPortTaken(name: NodeName, hostPort: string): boolean {
    return this.#berths.get(name)?.hostPortTaken(hostPort) ?? false;
  }

  roomBelow(name: NodeName, priority: number): Resources {
    return this.#berths.get(name)?.roomBelow(priority) ?? noResources;
  }

  /** Puts or (undefined) removes the row; `used` always is what the pods there sum up to. */
  set(name: NodeName, next: NodeRow | undefined): void {
    const berths = this.#at(name);
    const before = berths.row?.ref.uid;
    if (before !== undefined && before !== next?.ref.uid) this.#names.delete(before);
    berths.row = next;
    if (next) this.#names.set(next.ref.uid, name);
    if (berths.empty) this.#berths.delete(name);
  }

  link(name: NodeName, entry: PodEntry): void {
    const berths = this.#at(name);
    berths.pods.add(entry);
    berths.count(entry.row, 1);
  }

  unlink(name: NodeName, entry: PodEntry): void {
    const berths = this.#at(name);
    berths.pods.delete(entry);
    berths.count(entry.row, -1);
    if (berths.empty) this.#berths.delete(name);
  }

  /** A pod that stays where it is came to hold something else. */
  recount(name: NodeName, before: PodRow, after: PodRow): void {
    const berths = this.#at(name);
    berths.count(before, -1);
    berths.count(after, 1);
  }

  #at(name: NodeName): Berths {
    let berths = this.#berths.get(name);
    if (!berths) this.#berths.set(name, (berths = new Berths()));
    return berths;
  }
}
