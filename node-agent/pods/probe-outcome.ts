// What becomes of a pod's state when a probe has an outcome, or could not be made. Pure, a part of evolve.ts.

import type { PodAction } from "./pod-action.ts";
import { allContainers, type PodState, withContainer } from "./pod-state.ts";
import { countProbe, type ProbeSettings, probeOf, probeSettings, type ProbeState } from "./probes.ts";

type ProbeAction = Extract<PodAction, { type: "probe" }>;

export const probed = (
  state: PodState,
  action: ProbeAction,
  outcome: { readonly healthy: boolean; readonly message: string },
  now: number,
): PodState =>
  withProbe(state, action, (probe, settings) => countProbe(probe, settings, { ...outcome, now }));

/** The engine is away: no result, the next one at its time. */
export const notProbed = (state: PodState, action: ProbeAction, now: number): PodState =>
  withProbe(state, action, (probe, { periodMs }) => ({ ...probe, dueAt: now + periodMs }));

/** Nothing changes when another container of that name runs by now. */
function withProbe(
  state: PodState,
  { container, kind, id }: ProbeAction,
  next: (probe: ProbeState, settings: ProbeSettings) => ProbeState,
): PodState {
  const memory = state.containers[container];
  const known = memory?.probes[kind];
  const spec = allContainers(state.pod).find(({ name }) => name === container);
  const probe = spec && probeOf(spec, kind);
  if (!memory || !known || !probe || known.container !== id) return state;
  const probes = { ...memory.probes, [kind]: next(known, probeSettings(probe, kind)) };
  return withContainer(state, { ...memory, probes });
}
