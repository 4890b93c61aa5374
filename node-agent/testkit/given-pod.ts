// Fixture of tests of the state machine of a pod: its state after these events, and what it decides then.

import { decide } from "../pods/decide.ts";
import { evolve } from "../pods/evolve.ts";
import type { PodAction, PodEvent } from "../pods/pod-action.ts";
import { initialPodState, type PodState } from "../pods/pod-state.ts";
import { defaultPodTiming as timing } from "../pods/timing.ts";
import type { ContainerId, ContainerStatusInfo, SandboxId, SandboxState } from "../runtime/runtime.ts";
import { testPod, uidOf } from "./pod-fixture.ts";

export const uid = uidOf("web");
export const start = 1_000_000;
export const sandboxId = "s0" as SandboxId;

export const sandbox = (fields: Partial<SandboxState> = {}): SandboxState => ({
  id: sandboxId,
  pod: { cluster: "c", node: "n", namespace: "default", name: "web", uid },
  attempt: 0,
  ready: true,
  ip: "127.1.0.2",
  createdAt: start,
  ...fields,
});
export const container = (fields: Partial<ContainerStatusInfo> = {}): ContainerStatusInfo => ({
  id: "c0" as ContainerId,
  sandbox: sandboxId,
  pod: uid,
  name: "main",
  attempt: 0,
  image: "app:1",
  imageId: "sha",
  state: "running",
  createdAt: start,
  startedAt: start,
  ...fields,
});

export function given(events: readonly PodEvent[], pod = testPod(), now = start): PodState {
  let state = initialPodState({ uid, pod, held: "none", now: start });
  for (const event of events) state = evolve(state, event, now, timing);
  return state;
}
export const observed = (
  sandboxes: readonly SandboxState[],
  containers: readonly ContainerStatusInfo[],
  asOf = 10,
): PodEvent => ({ type: "observed", asOf, sandboxes, containers });
export const volumes: PodAction = { type: "prepare-volumes", version: "" };
export const prepared: PodEvent = { type: "done", action: volumes, asOf: 5, result: { type: "none" } };
export const types = (state: PodState, now = start): string[] =>
  decide(state, now, timing).actions.map(({ type }) => type);
