// What the agents of a run watch over on their hosts: the product's own thresholds, at the run's own pace.

import { defaultEvictionHard, parseThresholds, type PressureSettings } from "../../../node-agent/mod.ts";
import { unwrap } from "../../../protocol/mod.ts";
import type { Appetite } from "./programs.ts";

export interface HostRates extends Appetite {
  readonly intervalMs: number;
  readonly transitionMs: number;
}

export function pressureSettings({ intervalMs, transitionMs }: HostRates): PressureSettings {
  return {
    thresholds: unwrap(parseThresholds(defaultEvictionHard)),
    transitionMs,
    maxPodGraceSeconds: 0,
    minimumReclaim: {},
    intervalMs,
  };
}
