// The agent's flags about a node that runs full, named and meant as kubelet's.

import { z } from "zod";
import {
  defaultEvictionHard,
  defaultImageGc,
  defaultPressureIntervalMs,
  defaultTransitionMs,
  type ImageGcSettings,
  parseGraces,
  parseReclaim,
  parseThresholds,
  type PressureSettings,
} from "../../node-agent/mod.ts";
import { unwrap } from "../../protocol/mod.ts";
import { parseDuration } from "../age.ts";
import { durationMs, type Settings } from "./settings.ts";

const percent = z.coerce.number().int().min(0).max(100);

export const evictionSettings = {
  evictionHard: {
    schema: z.string().default(defaultEvictionHard),
    value: "<thresholds>",
    description: `what must stay free, or pods are evicted at once; none turns it off (default: ${defaultEvictionHard})`,
  },
  evictionSoft: {
    schema: z.string().default(""),
    value: "<thresholds>",
    description: "what must stay free, or pods are evicted after --eviction-soft-grace-period",
  },
  evictionSoftGracePeriod: {
    schema: z.string().default(""),
    value: "<signal=time,…>",
    description: "how long a soft threshold must be met, such as memory.available=90s",
  },
  evictionMaxPodGracePeriod: {
    schema: z.coerce.number().int().min(0).default(0),
    value: "<seconds>",
    description: "most that a pod gets to end when a soft threshold is met",
  },
  evictionMinimumReclaim: {
    schema: z.string().default(""),
    value: "<signal=amount,…>",
    description: "what has to be free beyond a threshold before it is over",
  },
  evictionPressureTransitionPeriod: {
    schema: durationMs.pipe(z.number().min(0)).default(defaultTransitionMs),
    value: "<time>",
    description: "how long a pressure condition stays after the pressure (default: 5m)",
  },
  imageGcHighThreshold: {
    schema: percent.default(defaultImageGc.highPercent),
    value: "<percent>",
    description: "disk in use from which unused images are removed (default: 85)",
  },
  imageGcLowThreshold: {
    schema: percent.default(defaultImageGc.lowPercent),
    value: "<percent>",
    description: "disk in use down to which they are (default: 80)",
  },
  minimumImageTtlDuration: {
    schema: durationMs.pipe(z.number().min(0)).default(defaultImageGc.minimumAgeMs),
    value: "<time>",
    description: "age from which an unused image may be removed (default: 2m)",
  },
} as const;

type EvictionSettings = Settings<typeof evictionSettings>;

/** Throws Invalid, with the part of a threshold that is wrong. */
export function pressureSettingsOf(settings: EvictionSettings): PressureSettings {
  const graces = unwrap(parseGraces(settings.evictionSoftGracePeriod, parseDuration));
  return {
    thresholds: [
      ...unwrap(parseThresholds(settings.evictionHard)),
      ...unwrap(parseThresholds(settings.evictionSoft, graces)),
    ],
    minimumReclaim: unwrap(parseReclaim(settings.evictionMinimumReclaim)),
    transitionMs: settings.evictionPressureTransitionPeriod,
    maxPodGraceSeconds: settings.evictionMaxPodGracePeriod,
    intervalMs: defaultPressureIntervalMs,
  };
}

export const imageGcOf = (settings: EvictionSettings): ImageGcSettings => ({
  ...defaultImageGc,
  highPercent: settings.imageGcHighThreshold,
  lowPercent: Math.min(settings.imageGcLowThreshold, settings.imageGcHighThreshold),
  minimumAgeMs: settings.minimumImageTtlDuration,
});
