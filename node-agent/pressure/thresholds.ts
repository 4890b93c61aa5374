// When a node is under pressure: kubelet's eviction thresholds, in its own notation.
// Source: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/

import { failure, parseBytes, type Result, success } from "../../protocol/mod.ts";
import { type SignalName, signalNames } from "./signals.ts";

/** An amount, or a share of the capacity from 0 to 1. */
export type Quantity =
  | { readonly type: "amount"; readonly value: number }
  | { readonly type: "share"; readonly value: number };

export interface Threshold {
  readonly signal: SignalName;
  readonly quantity: Quantity;
  /** As it was written, for messages. */
  readonly text: string;
  /** A soft threshold counts once it has been met for this long; 0 is a hard one. */
  readonly graceMs: number;
}

export interface PressureSettings {
  readonly thresholds: readonly Threshold[];
  /** A condition stays for so long after its signal was last seen beyond a threshold. */
  readonly transitionMs: number;
  /** A pod that goes for a soft threshold gets its own grace, but no more than this. */
  readonly maxPodGraceSeconds: number;
  /** What has to be free beyond the threshold before it counts as no longer met. */
  readonly minimumReclaim: Readonly<Partial<Record<SignalName, Quantity>>>;
  /** Between two measurements. */
  readonly intervalMs: number;
}

/** Kubelet's defaults on Linux. */
export const defaultEvictionHard =
  "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%";
export const defaultTransitionMs = 300_000;
export const defaultPressureIntervalMs = 10_000;

/** `memory.available<100Mi,nodefs.available<10%`; empty for none. */
export function parseThresholds(
  text: string,
  graces?: ReadonlyMap<SignalName, number>,
): Result<readonly Threshold[]> {
  const thresholds: Threshold[] = [];
  for (const part of parts(text)) {
    const [, name = "", amount = ""] = /^([^<]+)<([^<]+)$/.exec(part) ?? [];
    const signal = signalNamed(name.trim());
    if (!signal)
      return wrong(part, `must be signal<quantity, with one of the signals ${signalNames.join(", ")}`);
    const quantity = parseQuantity(amount.trim());
    if (!quantity) return wrong(part, "must have an amount such as 100Mi, or a share such as 10%");
    if (thresholds.some((each) => each.signal === signal))
      return wrong(part, `${signal} stands there already`);
    const graceMs = graces ? graces.get(signal) : 0;
    if (graceMs === undefined) return wrong(part, `a soft threshold needs a grace period for ${signal}`);
    thresholds.push({ signal, quantity, text: amount.trim(), graceMs });
  }
  return success(thresholds);
}

/** `memory.available=1m30s`, by a parser of durations. */
export function parseGraces(
  text: string,
  durationMs: (text: string) => number | undefined,
): Result<ReadonlyMap<SignalName, number>> {
  const graces = new Map<SignalName, number>();
  for (const part of parts(text)) {
    const [name = "", value = ""] = part.split("=");
    const signal = signalNamed(name.trim());
    const ms = durationMs(value.trim());
    if (!signal || ms === undefined)
      return wrong(part, "must be signal=duration, such as memory.available=90s");
    graces.set(signal, ms);
  }
  return success(graces);
}

/** `imagefs.available=2Gi`. */
export function parseReclaim(text: string): Result<PressureSettings["minimumReclaim"]> {
  const reclaim: Partial<Record<SignalName, Quantity>> = {};
  for (const part of parts(text)) {
    const [name = "", value = ""] = part.split("=");
    const signal = signalNamed(name.trim());
    const quantity = parseQuantity(value.trim());
    if (!signal || !quantity) return wrong(part, "must be signal=quantity, such as imagefs.available=2Gi");
    reclaim[signal] = quantity;
  }
  return success(reclaim);
}

export const amountOf = (quantity: Quantity | undefined, capacity: number): number => {
  if (!quantity) return 0;
  return quantity.type === "amount" ? quantity.value : quantity.value * capacity;
};

const parts = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "none");

const signalNamed = (name: string): SignalName | undefined => signalNames.find((signal) => signal === name);

function parseQuantity(text: string): Quantity | undefined {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (share) {
    const percent = Number(share[1]);
    return percent <= 100 ? { type: "share", value: percent / 100 } : undefined;
  }
  const amount = parseBytes(text);
  return amount.ok ? { type: "amount", value: amount.value } : undefined;
}

const wrong = (part: string, problem: string): Result<never> =>
  failure("Invalid", `eviction threshold ${JSON.stringify(part)} ${problem}`);
