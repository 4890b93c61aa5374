// How a pod's state changes with what happens to it. Pure: time comes in as `now` (ms since 1970).
// Decides nothing; that is decide.ts.

import { assertNever, configsText, type Pod } from "../../protocol/mod.ts";
import type { ContainerId, ContainerStatusInfo, SandboxId, SandboxState } from "../runtime/runtime.ts";
import { configsChanged } from "./config-version.ts";
import { fromRecord, isExited, sight, vanish } from "./container-memory.ts";
import { actionFailed } from "./failed-action.ts";
import { anyRunning, finalPhase } from "./lifecycle.ts";
import { actionKey, type PodAction, type PodEvent, retryKey } from "./pod-action.ts";
import {
  allContainers,
  type ContainerMemory,
  ephemeralContainers,
  freshMemory,
  type PodState,
  withContainer,
} from "./pod-state.ts";
import { probed } from "./probe-outcome.ts";
import type { PodTiming } from "./timing.ts";

export function evolve(state: PodState, event: PodEvent, now: number, timing: PodTiming): PodState {
  const next = passDeadline(state, now);
  switch (event.type) {
    case "tick":
      return next;
    case "wanted":
      return want(next, event, now);
    case "released":
      return { ...next, held: event.held };
    case "lease":
      return { ...next, unleased: event.over };
    case "free-disk":
      return freeDisk(next);
    case "refuse":
      return { ...next, refusal: event.message };
    case "evict":
      return evicted(next, event);
    case "observed":
      return observe(next, event, now, timing);
    case "container-observed":
      return sightContainer(next, event.info, event.asOf, timing);
    case "begun":
      return begin(next, event.action, now);
    case "done":
      return finish(unbusy(next, event.action, true), event, now, timing);
    case "failed":
      return fail(unbusy(next, event.action, false), event, now, timing);
    default:
      return assertNever(event, "pod event");
  }
}

/** `activeDeadlineSeconds`: the pod fails, whatever its restart policy says. */
function passDeadline(state: PodState, now: number): PodState {
  const seconds = state.pod.spec?.activeDeadlineSeconds;
  if (seconds === undefined || state.ended || state.stop || now < state.startedAt + seconds * 1000)
    return state;
  const message = "Pod was active on the node longer than the specified deadline";
  return { ...state, ended: { phase: "Failed", reason: "DeadlineExceeded", message } };
}

/** Containers of the attempts before, and all of a pod that has ended; what is known of their ends stays. */
function freeDisk(state: PodState): PodState {
  const garbage = [...state.garbage, ...(isAlive(state) || anyRunning(state) ? [] : lastContainers(state))];
  const containers: Record<string, ContainerMemory> = {};
  for (const [name, memory] of Object.entries(state.containers)) {
    const { previous } = memory;
    const goes = isExited(previous) && previous !== undefined && previous.id !== "";
    if (goes) garbage.push(previous.id);
    containers[name] = goes ? { ...memory, previous: { ...previous, id: "" as ContainerId } } : memory;
  }
  return { ...state, containers, garbage };
}

const lastContainers = ({ containers }: PodState): readonly ContainerId[] =>
  Object.values(containers).flatMap(({ current, removed }) =>
    current && current.id !== "" && current.id !== removed ? [current.id] : [],
  );

export const evictedReason = "Evicted";

interface Eviction {
  readonly message: string;
  readonly graceSeconds: number;
}
function evicted(state: PodState, { message, graceSeconds }: Eviction): PodState {
  if (state.ended || state.stop) return state;
  return { ...state, ended: { phase: "Failed", reason: evictedReason, message, graceSeconds } };
}
/** The first look shows whether it is new: what is here already was taken in by an agent before this one. */
function admitted({ refusal, ...state }: PodState, isNew: boolean): PodState {
  return refusal !== undefined && isNew ? evicted(state, { message: refusal, graceSeconds: 0 }) : state;
}

function want(state: PodState, event: Extract<PodEvent, { type: "wanted" }>, now: number): PodState {
  const next = endedInTheLog(wantPod(state, event), event.pod);
  if (!event.stop) return next;
  const { graceSeconds, reason } = event.stop;
  // A second, shorter grace counts from when it was asked; a longer one changes nothing.
  const deadline = state.stop && state.stop.since + state.stop.graceSeconds * 1000;
  if (state.stop && deadline !== undefined && now + graceSeconds * 1000 >= deadline) return next;
  return { ...next, stop: { graceSeconds, reason, since: now } };
}
/** Its end is final, and what this node remembers may be older: a disk that was full has kept nothing of it. */
function endedInTheLog(state: PodState, { status = {} }: Pod): PodState {
  const { phase, reason, message } = status;
  if (state.ended || (phase !== "Succeeded" && phase !== "Failed") || !isAlive(state)) return state;
  const words = { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
  return { ...state, ended: { phase, ...words } };
}
const isAlive = (state: PodState): boolean => finalPhase(state) === undefined;

function wantPod(state: PodState, { pod, configs }: Extract<PodEvent, { type: "wanted" }>): PodState {
  const { configs: before, ...rest } = state;
  const next = {
    ...rest,
    pod: keepStatus(pod, state.pod),
    containers: withNewContainers(state, pod),
    ...(configs && { configs }),
  };
  return configsText(before) === configsText(configs) ? next : configsChanged(next, next.pod);
}
/** Only ephemeral ones are ever added. */
function withNewContainers({ containers }: PodState, pod: Pod): PodState["containers"] {
  const added = ephemeralContainers(pod).filter(({ name }) => !containers[name]);
  if (added.length === 0) return containers;
  return {
    ...containers,
    ...Object.fromEntries(added.map(({ name }) => [name, freshMemory(name, false, 0)])),
  };
}
const keepStatus = (pod: Pod, known: Pod): Pod => ({ ...pod, ...(known.status && { status: known.status }) });

function observe(
  state: PodState,
  event: Extract<PodEvent, { type: "observed" }>,
  now: number,
  timing: PodTiming,
): PodState {
  const { asOf } = event;
  const containers: Record<string, ContainerMemory> = { ...state.containers };
  const garbage: ContainerId[] = [];
  for (const spec of allContainers(state.pod)) {
    const known = containers[spec.name];
    if (!known) continue;
    const memory = withoutDoubt(known, asOf);
    containers[spec.name] = memory;
    const infos = event.containers.filter((info) => info.name === spec.name).toSorted(byAttempt);
    const [newest, second, ...older] = infos;
    garbage.push(...older.map((info) => info.id));
    const starting = state.busy.has(`start-container/${spec.name}`);
    if (newest && newest.attempt >= (memory.current?.attempt ?? 0)) {
      const seen = sight(memory, { info: newest, asOf, spec, recorded: state.recorded, timing });
      containers[spec.name] = second && !seen.previous ? { ...seen, previous: second } : seen;
      if (!state.observed) {
        // Back-off goes on after a restart of the agent instead of starting a hot loop.
        containers[spec.name] = { ...seen, ...(second && { previous: second }), crashes: newest.attempt };
      }
    } else if (!state.observed) {
      containers[spec.name] = fromRecord(memory, { pod: state.uid, recorded: state.recorded, now });
    } else if (!starting) {
      containers[spec.name] = vanish(memory, asOf, now);
    }
  }
  const observed = { ...observeSandboxes(state, event), containers, garbage, observed: true };
  return admitted(observed, event.containers.length === 0);
}
function withoutDoubt(memory: ContainerMemory, asOf: number): ContainerMemory {
  if (memory.doubtSince === undefined || asOf <= memory.doubtSince) return memory;
  const { doubtSince: _over, ...rest } = memory;
  return rest;
}
const byAttempt = (a: { attempt: number }, b: { attempt: number }): number => b.attempt - a.attempt;

function observeSandboxes(
  state: PodState,
  { sandboxes, containers, asOf }: Extract<PodEvent, { type: "observed" }>,
): PodState {
  const { sandbox } = state;
  // While one is being made it is seen half made: only the action's own outcome counts.
  if (asOf <= sandbox.asOf || state.busy.has("run-sandbox")) return state;
  const newestFirst = sandboxes.toSorted(byAttempt);
  const current = currentSandbox(sandbox.id, newestFirst, containers);
  const others = newestFirst.filter((candidate) => candidate !== current);
  const staleSandboxes = others.map(({ id }) => id);
  const highest = Math.max(sandbox.attempt, newestFirst[0]?.attempt ?? -1);
  if (current && (current.id === sandbox.id || current.attempt >= sandbox.attempt)) {
    const { id, ready, ip } = current;
    const seen = { id, attempt: highest, ready, ip: ip || sandbox.ip, asOf };
    return { ...state, staleSandboxes, sandbox: seen };
  }
  const { id: _missing, ...rest } = sandbox;
  return {
    ...state,
    staleSandboxes: sandboxes.map((candidate) => candidate.id),
    sandbox: { ...rest, ready: false, asOf },
  };
}

/**
 * The known one, then one in use, before the newest: an engine may make late what a former agent asked for, and
 * containers would be stopped for it.
 */
function currentSandbox(
  known: SandboxId | undefined,
  newestFirst: readonly SandboxState[],
  containers: readonly ContainerStatusInfo[],
): SandboxState | undefined {
  const ready = newestFirst.filter((candidate) => candidate.ready);
  const isUsed = ({ id }: SandboxState): boolean =>
    containers.some(({ sandbox, state }) => sandbox === id && (state === "running" || state === "unknown"));
  return ready.find(({ id }) => id === known) ?? ready.find(isUsed) ?? newestFirst[0];
}

function sightContainer(
  state: PodState,
  info: ContainerStatusInfo,
  asOf: number,
  timing: PodTiming,
): PodState {
  const spec = allContainers(state.pod).find((container) => container.name === info.name);
  const memory = state.containers[info.name];
  if (!spec || !memory) return state;
  return withContainer(state, sight(memory, { info, asOf, spec, recorded: state.recorded, timing }));
}

function unbusy(state: PodState, action: PodAction, succeeded: boolean): PodState {
  const busy = new Set(state.busy);
  busy.delete(actionKey(action));
  const key = retryKey(action);
  if (!succeeded || state.retries[key] === undefined) return { ...state, busy };
  const { [key]: _over, ...retries } = state.retries;
  return { ...state, busy, retries };
}

function begin(state: PodState, action: PodAction, now: number): PodState {
  const next = { ...state, busy: new Set(state.busy).add(actionKey(action)) };
  if (action.type !== "stop-container") return next;
  const memory = state.containers[action.container];
  if (!memory) return next;
  const { graceMs, message, restart } = action;
  return withContainer(next, { ...memory, killing: { deadline: now + graceMs, message, restart } });
}

function finish(
  state: PodState,
  event: Extract<PodEvent, { type: "done" }>,
  now: number,
  timing: PodTiming,
): PodState {
  const { action, result, asOf } = event;
  switch (action.type) {
    case "prepare-volumes":
      return { ...state, volumesReady: true, filesVersion: action.version };
    case "run-sandbox": {
      if (result.type !== "sandbox") return state;
      const { id, attempt, ready, ip } = result.sandbox;
      return { ...state, sandbox: { id, attempt, ready, ip, asOf } };
    }
    case "stop-sandbox":
      return state.sandbox.id === action.id
        ? { ...state, sandbox: { ...state.sandbox, ready: false, asOf } }
        : state;
    case "remove-sandbox":
      return sandboxRemoved(state, action, asOf, now);
    case "start-container": {
      if (result.type !== "container") return state;
      const memory = state.containers[action.container];
      if (!memory) return state;
      const { killing: _over, graceFrom: _former, problem: _solved, doubtSince: _certain, ...rest } = memory;
      const older = memory.previous && memory.current?.id !== result.info.id ? [memory.previous.id] : [];
      const garbage = [...state.garbage, ...older.filter((id) => id !== "")];
      return sightContainer(withContainer({ ...state, garbage }, rest), result.info, asOf, timing);
    }
    case "stop-container":
      return result.type === "container" ? sightContainer(state, result.info, asOf, timing) : state;
    case "remove-container":
      return containerRemoved(state, action.id);
    case "read-end":
      return result.type === "end" ? endRead(state, action, result.message) : state;
    case "measure-volumes":
      return result.type === "measured" ? measured(state, result.problem, now) : state;
    case "probe":
      return result.type === "probe" ? probed(state, action, result, now) : state;
    case "drop-volumes":
      return { ...state, volumesDropped: true };
    case "clean-up":
      return { ...state, gone: true };
    default:
      return assertNever(action, "pod action");
  }
}

/** Its own words win over those of whoever stopped it. */
function endRead(
  state: PodState,
  { container, info }: Extract<PodAction, { type: "read-end" }>,
  message: string,
): PodState {
  const memory = state.containers[container];
  if (!memory) return state;
  const told = (seen: ContainerStatusInfo | undefined): ContainerStatusInfo | undefined =>
    seen && seen.id === info.id && message !== "" ? { ...seen, message } : seen;
  const [current, previous] = [told(memory.current), told(memory.previous)];
  return withContainer(state, {
    ...memory,
    ...(current && { current }),
    ...(previous && { previous }),
    endRead: info.id,
  });
}

function measured(state: PodState, problem: string | undefined, now: number): PodState {
  const next = { ...state, measuredAt: now };
  if (problem === undefined || state.ended || state.stop) return next;
  return { ...next, ended: { phase: "Failed", reason: evictedReason, message: problem } };
}

function containerRemoved(state: PodState, removed: ContainerId): PodState {
  const next = { ...state, garbage: state.garbage.filter((id) => id !== removed) };
  const memory = Object.values(state.containers).find(({ current }) => current?.id === removed);
  return memory ? withContainer(next, { ...memory, removed }) : next;
}

function sandboxRemoved(
  state: PodState,
  action: Extract<PodAction, { type: "remove-sandbox" }>,
  asOf: number,
  now: number,
): PodState {
  const containers: Record<string, ContainerMemory> = {};
  for (const [name, memory] of Object.entries(state.containers)) {
    const inside = memory.current?.sandbox === action.id;
    containers[name] = inside ? vanish(memory, Math.max(asOf, memory.asOf + 1), now) : memory;
  }
  const removed = new Set<string>(action.containers);
  const { id, ...rest } = state.sandbox;
  return {
    ...state,
    containers,
    garbage: state.garbage.filter((candidate) => !removed.has(candidate)),
    staleSandboxes: state.staleSandboxes.filter((stale) => stale !== action.id),
    sandbox: id === action.id ? { ...rest, ready: false, asOf } : state.sandbox,
  };
}

function fail(
  state: PodState,
  event: Extract<PodEvent, { type: "failed" }>,
  now: number,
  timing: PodTiming,
): PodState {
  const { action } = event;
  // Without last words the end is told all the same.
  if (action.type === "read-end") return endRead(state, action, "");
  if (action.type === "measure-volumes") return measured(state, undefined, now);
  return actionFailed(state, event, now, timing);
}
