// The pods of this node: an actor for each, what is wanted of it, and what it last said. It starts and ends the
// actors; when an actor ends its containers stay unless it was told to stop them.

import type { ActorContext, ActorRef, Supervisor } from "../actors/mod.ts";
import type { AssignedPod, AssignedVolume, PodReport, Position, Uid } from "../protocol/mod.ts";
import type { PodEvent } from "./pods/pod-action.ts";
import { podActor, type PodMessage, wantedEvent } from "./pods/pod-actor.ts";
import type { PodHost } from "./pods/pod-host.ts";
import type { Hold } from "./pods/pod-state.ts";
import { defaultGraceSeconds } from "./pods/timing.ts";

interface Member {
  readonly ref: ActorRef<PodMessage>;
  assigned: AssignedPod;
  services: Position;
  report?: PodReport;
  /** Nobody wants it any more: it goes when everything of it is removed. */
  leaving: boolean;
}

export interface FleetOptions<Message> {
  readonly context: ActorContext<Message>;
  readonly host: PodHost;
  /** A report of a pod that is wanted (or stops as it was told). */
  report(report: PodReport): void;
  /** A pod that was leaving is removed. */
  left(pod: Uid): void;
}

/** A pod's actor that fails is made anew for ever, ever more slowly: its containers run on meanwhile. */
const podSupervisor: Supervisor = ({ restarts }) => ({
  type: "restart",
  delayMs: Math.min(30_000, 100 * 2 ** Math.min(10, restarts)),
});

/** Nothing of it has run: a node that has no room for it need not take it. */
const isNew = ({ pod, stop }: AssignedPod): boolean =>
  !stop && (pod.status?.phase ?? "Pending") === "Pending" && pod.status?.startTime === undefined;

export class PodFleet<Message> {
  readonly #options: FleetOptions<Message>;
  readonly #members = new Map<Uid, Member>();
  #held: Hold = "all";
  #made = 0;

  constructor(options: FleetOptions<Message>) {
    this.#options = options;
  }

  uids(): Iterable<Uid> {
    return this.#members.keys();
  }
  has(pod: Uid): boolean {
    return this.#members.has(pod);
  }
  get size(): number {
    return this.#members.size;
  }
  /** Of claims of every pod that is here, also of those that are leaving. */
  *volumes(): Iterable<AssignedVolume> {
    for (const { assigned } of this.#members.values()) yield* assigned.volumes ?? [];
  }
  /** Last reports of pods that are not leaving. */
  reports(): Map<Uid, PodReport> {
    const reports = new Map<Uid, PodReport>();
    for (const [uid, { report, leaving }] of this.#members) if (report && !leaving) reports.set(uid, report);
    return reports;
  }

  /** Pods that are wanted here, with what they last said. */
  *members(): Iterable<{ readonly assigned: AssignedPod; readonly report: PodReport | undefined }> {
    for (const { assigned, report, leaving } of this.#members.values()) {
      if (!leaving) yield { assigned, report };
    }
  }

  want(assigned: AssignedPod, services: Position): void {
    const known = this.#members.get(assigned.uid);
    if (!known) return this.#add(assigned, services);
    known.assigned = assigned;
    known.services = services;
    known.leaving = false;
    known.ref.send(wantedEvent(assigned));
  }

  /** No longer wanted: stops with its own grace, or the one given, and is forgotten when it is gone. */
  drop(pod: Uid, reason: string, graceSeconds?: number): void {
    const member = this.#members.get(pod);
    if (!member) return;
    member.leaving = true;
    if (member.report?.gone) return this.#forget(pod, member);
    const { assigned } = member;
    const own = assigned.stop?.graceSeconds ?? assigned.pod.spec?.terminationGracePeriodSeconds;
    const stop = { graceSeconds: graceSeconds ?? own ?? defaultGraceSeconds, reason };
    member.assigned = { ...assigned, stop };
    member.ref.send(wantedEvent(member.assigned));
  }

  /** Drops every pod; none gets more than `mostGraceSeconds`, which a person waits for. */
  dropAll(reason: string, mostGraceSeconds: number): void {
    for (const [uid, { assigned }] of this.#members) {
      const own = assigned.stop?.graceSeconds ?? assigned.pod.spec?.terminationGracePeriodSeconds;
      this.drop(uid, reason, Math.min(own ?? defaultGraceSeconds, mostGraceSeconds));
    }
  }

  deliver(pod: Uid, event: PodEvent): void {
    // A full mailbox loses a look at the runtime; the next one shows the same.
    this.#members.get(pod)?.ref.send(event);
  }

  /** What is new may be started from now on, or some of it. */
  release(held: Exclude<Hold, "all">): void {
    if (this.#held === held) return;
    this.#held = held;
    for (const { ref } of this.#members.values()) ref.send({ type: "released", held });
  }

  #add(assigned: AssignedPod, services: Position): void {
    const { context, host } = this.#options;
    const { uid } = assigned;
    this.#made += 1;
    const actor = podActor({
      host,
      wanted: () => this.#members.get(uid)?.assigned ?? assigned,
      held: () => this.#held,
      services: () => this.#members.get(uid)?.services ?? services,
      // At the very first start it is no member yet: the look below is for that.
      started: () => {
        if (this.#members.has(uid)) host.look(uid);
      },
      report: (report) => this.#reported(report),
    });
    const ref = context.spawn(`pod-${uid}-${this.#made}`, actor, { supervisor: podSupervisor });
    this.#members.set(uid, { ref, assigned, services, leaving: false });
    const message = isNew(assigned) ? host.refuses?.(assigned.pod) : undefined;
    if (message !== undefined) ref.send({ type: "refuse", message });
    host.look(uid);
  }

  #reported(report: PodReport): void {
    const member = this.#members.get(report.uid);
    if (!member) return;
    member.report = report;
    if (!member.leaving) {
      this.#options.report(report);
      // Wanted again while it was leaving: it is made anew.
      if (report.gone && !member.assigned.stop) {
        const { assigned, services } = member;
        this.#forget(report.uid, member);
        this.#add(assigned, services);
      }
      return;
    }
    if (report.gone) this.#forget(report.uid, member);
  }

  #forget(pod: Uid, member: Member): void {
    this.#members.delete(pod);
    void this.#options.context.stop(member.ref);
    if (member.leaving) this.#options.left(pod);
  }
}
