// The conditions of an autoscaler, with Kubernetes' types and reasons.

import { timestamp } from "../cluster/mod.ts";
import type { Condition } from "./spec.ts";

export type ConditionType = "AbleToScale" | "ScalingActive" | "ScalingLimited";

export interface Said {
  readonly type: ConditionType;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

const order: readonly string[] = ["AbleToScale", "ScalingActive", "ScalingLimited"];

/** What is said anew replaces what was said of the same type; times change with the status alone. */
export function withConditions(
  before: readonly Condition[] | undefined,
  said: readonly Said[],
  now: number,
): readonly Condition[] {
  const byType = new Map<string, Condition>((before ?? []).map((each) => [each.type, each]));
  for (const { type, status: isTrue, reason, message } of said) {
    const status = isTrue ? "True" : "False";
    const old = byType.get(type);
    const since = old?.status === status ? old.lastTransitionTime : undefined;
    byType.set(type, { type, status, reason, message, lastTransitionTime: since ?? timestamp(now) });
  }
  return order.flatMap((type) => byType.get(type) ?? []);
}

/** Words may differ with every figure; that alone is nothing to write down. */
export const sameConditions = (
  one: readonly Condition[] | undefined,
  other: readonly Condition[] | undefined,
): boolean => essence(one) === essence(other);

const essence = (conditions: readonly Condition[] = []): string =>
  conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).join();
