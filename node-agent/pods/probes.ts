// Probe counting, pure: which probe is due, and what a row of results means.
// Source of the defaults: Kubernetes core/v1 Probe.

import type { Container, Probe } from "../../protocol/mod.ts";
import type { ContainerId, ContainerStatusInfo } from "../runtime/runtime.ts";

export const probeKinds = ["startup", "liveness", "readiness"] as const;
export type ProbeKind = (typeof probeKinds)[number];

export interface ProbeState {
  readonly container: ContainerId;
  readonly dueAt: number;
  readonly successes: number;
  readonly failures: number;
  /** Decided by the thresholds; "unknown" until the first decision. */
  readonly result: "unknown" | "success" | "failure";
  /** Words of the last failure. */
  readonly message: string;
}

export interface ProbeSettings {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  if (kind === "startup") return container.startupProbe;
  return kind === "liveness" ? container.livenessProbe : container.readinessProbe;
}

export function probeSettings(probe: Probe, kind: ProbeKind): ProbeSettings {
  return {
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    periodMs: Math.max(1, probe.periodSeconds ?? 10) * 1000,
    timeoutMs: Math.max(1, probe.timeoutSeconds ?? 1) * 1000,
    // Only readiness may ask for more than one success.
    successThreshold: kind === "readiness" ? Math.max(1, probe.successThreshold ?? 1) : 1,
    failureThreshold: Math.max(1, probe.failureThreshold ?? 3),
  };
}

/** The probes of a container that runs now. `ready` is what was known of it before (adoption). */
export function freshProbes(
  container: Container,
  info: ContainerStatusInfo,
  known: { readonly started: boolean; readonly ready: boolean },
): Partial<Record<ProbeKind, ProbeState>> {
  const probes: Partial<Record<ProbeKind, ProbeState>> = {};
  for (const kind of probeKinds) {
    const probe = probeOf(container, kind);
    if (!probe) continue;
    const success = (kind === "startup" && known.started) || (kind === "readiness" && known.ready);
    probes[kind] = {
      container: info.id,
      dueAt: (info.startedAt ?? info.createdAt) + probeSettings(probe, kind).initialDelayMs,
      successes: 0,
      failures: 0,
      result: success ? "success" : "unknown",
      message: "",
    };
  }
  return probes;
}

export function countProbe(
  state: ProbeState,
  settings: ProbeSettings,
  outcome: { readonly healthy: boolean; readonly message: string; readonly now: number },
): ProbeState {
  const { healthy, message, now } = outcome;
  const successes = healthy ? state.successes + 1 : 0;
  const failures = healthy ? 0 : state.failures + 1;
  let result = state.result;
  if (successes >= settings.successThreshold) result = "success";
  if (failures >= settings.failureThreshold) result = "failure";
  // Late results don't bunch up: the rhythm goes on from the due time, unless that has passed (or lies ahead,
  // because the wall clock was set back).
  const dueAt = Math.min(now, state.dueAt) + settings.periodMs;
  return {
    ...state,
    dueAt: Math.max(now, dueAt),
    successes,
    failures,
    result,
    message: healthy ? "" : message,
  };
}

type Probes = Readonly<Partial<Record<ProbeKind, ProbeState>>>;

/** No startup probe, or it has succeeded. */
export const hasStarted = (probes: Probes): boolean =>
  probes.startup === undefined || probes.startup.result === "success";

export const isReady = (probes: Probes): boolean =>
  hasStarted(probes) && (probes.readiness === undefined || probes.readiness.result === "success");

/** Whether this probe runs at all now: the startup probe gates the others and ends when it succeeds. */
export const probeActive = (probes: Probes, kind: ProbeKind): boolean =>
  kind === "startup" ? !hasStarted(probes) : hasStarted(probes);

/** The probe that says the container has to be killed, if any. */
export function deadlyProbe(
  probes: Probes,
): { readonly kind: ProbeKind; readonly message: string } | undefined {
  for (const kind of ["startup", "liveness"] as const) {
    const probe = probes[kind];
    if (probe?.result === "failure") return { kind, message: probe.message };
  }
  return undefined;
}
