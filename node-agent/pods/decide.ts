// What to do next for a pod, as data. Pure: the same state and time give the same actions, and asking twice
// after `begun` gives nothing new. `wakeAt` is when to ask again if nothing happens before.

import { type Container, isIdentity } from "../../protocol/mod.ts";
import type { ContainerId } from "../runtime/runtime.ts";
import { filesVersion } from "./config-version.ts";
import { isExited } from "./container-memory.ts";
import { evictedReason } from "./evolve.ts";
import {
  anyRunning,
  finalPhase,
  isRunning,
  isSidecar,
  memoryOf,
  nextAttempt,
  pendingInit,
  restartAt,
  wantsRestart,
} from "./lifecycle.ts";
import { actionKey, type PodAction, retryKey } from "./pod-action.ts";
import {
  allContainers,
  type ContainerMemory,
  ephemeralContainers,
  initContainers,
  mainContainers,
  type PodState,
  type PodStop,
} from "./pod-state.ts";
import { deadlyProbe, probeActive, probeKinds, probeOf, probeSettings } from "./probes.ts";
import { defaultGraceSeconds, type PodTiming } from "./timing.ts";
import { hasStorageLimits } from "./storage-limits.ts";

export interface Decision {
  readonly actions: readonly PodAction[];
  /** The runtime has to be looked at for this pod; what it shows decides. */
  readonly look: boolean;
  /** ms since 1970. */
  readonly wakeAt?: number;
}

export function decide(state: PodState, now: number, timing: PodTiming): Decision {
  const plan = new Plan(state, now, timing);
  if (!state.observed || state.gone) return plan.decision();
  for (const id of state.garbage) plan.add({ type: "remove-container", id });
  for (const container of allContainers(state.pod)) readEnd(plan, container);
  if (state.stop) endPod(plan, state.stop);
  else if (finalPhase(state)) finishPod(plan);
  else runPod(plan);
  return plan.decision();
}

/** Also of the attempt before, which may have ended just as the next one began. */
function readEnd(plan: Plan, container: Container): void {
  const memory = memoryOf(plan.state, container.name);
  if (!memory || !container.terminationMessagePath) return;
  const info = isRunning(memory) ? memory.previous : memory.current;
  if (info && isExited(info) && info.id !== "" && memory.endRead !== info.id) {
    plan.add({ type: "read-end", container: memory.name, info });
  }
}

/** Collects actions that are neither being done nor waiting for their retry. */
class Plan {
  readonly state: PodState;
  readonly now: number;
  readonly timing: PodTiming;
  readonly #actions: PodAction[] = [];
  #wakeAt: number | undefined;
  #look = false;

  constructor(state: PodState, now: number, timing: PodTiming) {
    this.state = state;
    this.now = now;
    this.timing = timing;
  }
  add(action: PodAction): void {
    if (this.state.busy.has(actionKey(action))) return;
    const retry = this.state.retries[retryKey(action)];
    this.at(retry?.at ?? 0, this.timing.retryMaxMs, () => this.#actions.push(action));
  }
  /**
   * Runs `then` if the time has come, else comes back at it. A time further away than it can ever be set means
   * that the wall clock was set back: it has come too.
   */
  at(time: number, longestMs: number, then: () => void): void {
    if (time <= this.now || time > this.now + longestMs) then();
    else this.wake(time);
  }
  /** The sandbox has to be looked at before anything is started in it. */
  look(): void {
    this.#look = true;
  }
  wake(time: number): void {
    if (this.#wakeAt === undefined || time < this.#wakeAt) this.#wakeAt = time;
  }
  decision(): Decision {
    return {
      actions: this.#actions,
      look: this.#look,
      ...(this.#wakeAt !== undefined && { wakeAt: this.#wakeAt }),
    };
  }
}

/** Containers in parallel, then sandbox, then volumes, logs and address. */
function endPod(plan: Plan, { since, graceSeconds }: PodStop): void {
  const { state, now } = plan;
  stopContainers(plan, ({ graceFrom = since }) => {
    // Time in which the engine took no signal is not taken from the grace.
    const from = graceFrom === "next-try" ? now : Math.max(since, graceFrom);
    return Math.min(from, now) + graceSeconds * 1000;
  });
  if (anyRunning(state) || isStarting(state)) return;
  if (isInDoubt(state)) return plan.look();
  const ids = state.sandbox.id === undefined ? [] : [state.sandbox.id];
  const sandboxes = [...state.staleSandboxes, ...ids];
  for (const id of sandboxes) plan.add({ type: "remove-sandbox", id, containers: knownContainers(state) });
  if (sandboxes.length === 0) plan.add({ type: "clean-up" });
}
/** What may run unseen would be killed with its sandbox, without its grace. */
const isInDoubt = (state: PodState): boolean =>
  Object.values(state.containers).some(({ doubtSince }) => doubtSince !== undefined);
const isStarting = (state: PodState): boolean =>
  ["prepare-volumes", "run-sandbox"].some((key) => state.busy.has(key)) ||
  allContainers(state.pod).some(({ name }) => state.busy.has(`start-container/${name}`));

function stopContainers(plan: Plan, deadlineOf: (memory: ContainerMemory) => number): void {
  for (const { name } of allContainers(plan.state.pod)) {
    const memory = memoryOf(plan.state, name);
    const { current, killing } = memory ?? {};
    if (!memory || !current || !isRunning(memory)) continue;
    const deadline = deadlineOf(memory);
    if (killing && killing.deadline <= deadline) continue;
    const graceMs = Math.max(0, deadline - plan.now);
    plan.add({
      type: "stop-container",
      container: name,
      id: current.id,
      graceMs,
      message: "",
      restart: false,
    });
  }
}

function knownContainers(state: PodState): ContainerId[] {
  const ids = Object.values(state.containers).flatMap(({ current, previous }) => [current?.id, previous?.id]);
  return [...ids, ...state.garbage].filter((id): id is ContainerId => id !== undefined && id !== "");
}

/** It has ended by itself: logs and exit codes stay until the pod is deleted, its sandbox does not. */
function finishPod(plan: Plan): void {
  const { state, now } = plan;
  const { graceSeconds } = state.ended ?? {};
  stopContainers(plan, () => now + (graceSeconds === undefined ? graceMsOf(state) : graceSeconds * 1000));
  if (anyRunning(state) || isStarting(state)) return;
  if (isInDoubt(state)) return plan.look();
  for (const id of state.staleSandboxes) plan.add({ type: "remove-sandbox", id, containers: [] });
  const { id, ready } = state.sandbox;
  if (id !== undefined && ready) plan.add({ type: "stop-sandbox", id });
  else if (state.ended?.reason === evictedReason && !state.volumesDropped) plan.add({ type: "drop-volumes" });
}

function runPod(plan: Plan): void {
  const { state } = plan;
  const { sandbox, pod } = state;
  const deadline = pod.spec?.activeDeadlineSeconds;
  if (deadline !== undefined) plan.wake(state.startedAt + deadline * 1000);
  for (const container of allContainers(pod)) probeContainer(plan, container);
  if (isHeld(state) || state.unleased) return;
  const version = filesVersion(state);
  if (!state.volumesReady || state.filesVersion !== version) plan.add({ type: "prepare-volumes", version });
  if (!state.volumesReady) return;
  measureVolumes(plan);
  for (const id of state.staleSandboxes) plan.add({ type: "remove-sandbox", id, containers: [] });
  if (sandbox.id === undefined) return plan.add({ type: "run-sandbox", attempt: sandbox.attempt + 1 });
  if (!sandbox.ready) {
    return plan.add({ type: "remove-sandbox", id: sandbox.id, containers: containersOf(state, sandbox.id) });
  }
  runContainers(plan, sandbox.id);
}

function isHeld({ held, pod, sandbox }: PodState): boolean {
  if (held !== "unknown-identities") return held === "all";
  const { metadata = {} } = pod;
  return sandbox.attempt < 0 && isIdentity(metadata.name ?? "", metadata);
}

const containersOf = (state: PodState, sandbox: string): ContainerId[] =>
  Object.values(state.containers)
    .flatMap(({ current, previous }) => [current, previous])
    .filter((info) => info !== undefined)
    .filter((info) => info.sandbox === sandbox && info.id !== "")
    .map((info) => info.id);

type ReadySandbox = NonNullable<PodState["sandbox"]["id"]>;

function runContainers(plan: Plan, sandbox: ReadySandbox): void {
  const { state } = plan;
  for (const { name } of ephemeralContainers(state.pod)) startEphemeral(plan, name, sandbox);
  const pending = pendingInit(state);
  for (const container of initContainers(state.pod)) {
    if (container === pending) {
      startContainer(plan, container, sandbox);
      return;
    }
    // Sidecars before the pending one are kept running.
    if (isSidecar(container)) startContainer(plan, container, sandbox);
  }
  for (const container of mainContainers(state.pod)) startContainer(plan, container, sandbox);
}

/** Whatever the others do; once, whatever becomes of it. */
function startEphemeral(plan: Plan, name: string, sandbox: ReadySandbox): void {
  const memory = memoryOf(plan.state, name);
  if (!memory || (memory.current && memory.current.state !== "created")) return;
  plan.at(restartAt(memory, plan.timing), longestRestartMs(plan.timing), () =>
    plan.add({ type: "start-container", container: name, attempt: nextAttempt(memory), sandbox }),
  );
}

function startContainer(plan: Plan, container: Container, sandbox: ReadySandbox): void {
  const { state, timing } = plan;
  const memory = memoryOf(state, container.name);
  if (!memory) return;
  const { current } = memory;
  if (current && isRunning(memory)) {
    // Its network is gone with its old sandbox.
    const message = "Its pod sandbox was made anew";
    if (current.sandbox === sandbox || memory.killing) return;
    return plan.add(anew(container, current.id, { graceMs: graceMsOf(state), message }));
  }
  const again =
    isExited(current) && (wantsRestart(state.pod, container, memory) || isAnewInit(memory, sandbox));
  if (current && current.state !== "created" && !again) return;
  plan.at(restartAt(memory, timing), longestRestartMs(timing), () => {
    // Its sandbox may have died with it: only a look that is newer than its end tells.
    if (isExited(current) && state.sandbox.asOf < memory.asOf) plan.look();
    else
      plan.add({ type: "start-container", container: container.name, attempt: nextAttempt(memory), sandbox });
  });
}
/** Stops a container that is to run again, whatever the restart policy says. */
const anew = (
  { name }: Container,
  id: ContainerId,
  { graceMs, message }: { readonly graceMs: number; readonly message: string },
): PodAction => ({ type: "stop-container", container: name, id, graceMs, message, restart: true });

const longestRestartMs = ({ restartMaxMs, pullMaxMs, retryMaxMs }: PodTiming): number =>
  Math.max(restartMaxMs, pullMaxMs, retryMaxMs);

/** A new sandbox is initialised again, also by init containers that succeeded in the old one. */
const isAnewInit = (memory: ContainerMemory, sandbox: string): boolean =>
  memory.init && memory.current?.sandbox !== sandbox && memory.current?.exitCode === 0;

function probeContainer(plan: Plan, container: Container): void {
  const memory = memoryOf(plan.state, container.name);
  const { current } = memory ?? {};
  if (!memory || current?.state !== "running" || memory.killing) return;
  const deadly = deadlyProbe(memory.probes);
  if (deadly) {
    const { kind, message: words } = deadly;
    const seconds = probeOf(container, kind)?.terminationGracePeriodSeconds;
    const graceMs = seconds === undefined ? graceMsOf(plan.state) : seconds * 1000;
    const message = `${kind === "startup" ? "Startup" : "Liveness"} probe failed: ${words}`;
    return plan.add(anew(container, current.id, { graceMs, message }));
  }
  for (const kind of probeKinds) {
    const probe = memory.probes[kind];
    if (!probe || !probeActive(memory.probes, kind)) continue;
    const action: PodAction = { type: "probe", container: container.name, id: current.id, kind };
    if (plan.state.busy.has(actionKey(action))) continue;
    const spec = probeOf(container, kind);
    const { initialDelayMs, periodMs } = probeSettings(spec ?? {}, kind);
    plan.at(probe.dueAt, initialDelayMs + periodMs, () => plan.add(action));
  }
}

/** emptyDirs with a limit are looked at from time to time, as the kubelet does. */
function measureVolumes(plan: Plan): void {
  const { state, timing } = plan;
  if (!hasStorageLimits(state.pod)) return;
  plan.at(state.measuredAt + timing.measureMs, timing.measureMs, () => plan.add({ type: "measure-volumes" }));
}

const graceMsOf = (state: PodState): number =>
  (state.pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds) * 1000;
