// Reads figures: what nodes and containers use, and metrics that programs publish. They are in JSON, so that
// `nats sub` shows them and `nats pub` can say one.

import { decodeJson } from "./codec-json.ts";
import type { DecodeLimits } from "./codec.ts";
import { failure, type Result, success } from "./errors.ts";
import { parseQuantity } from "./quantity.ts";
import { isRecord } from "./objects/structure.ts";
import { parseMessage } from "./messages.ts";
import type { UsageMessage } from "./usage-message.ts";

const usageLimits: DecodeLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 8 };

export function decodeUsage(data: Uint8Array): Result<UsageMessage> {
  const body = decodeJson(data, usageLimits);
  return body.ok ? parseMessage("usage", body.value) : body;
}

/** What somebody publishes on `<prefix>.metrics.<namespace>.<kind>.<name>.<metric>`. */
export interface MetricFigure {
  /** In thousandths. */
  readonly milli: number;
  /** Tell several series of one external metric apart. */
  readonly labels: Readonly<Record<string, string>>;
  readonly lifeMs: number;
}

/** A figure counts this long when its publisher does not say otherwise. */
export const defaultMetricLifeSeconds = 300;
export const maxMetricLifeSeconds = 24 * 3600;
const maxMetricLabels = 32;
const metricLimits: DecodeLimits = { maxBytes: 4096, maxDepth: 4, maxItems: 200 };
const metricForms =
  'a number or quantity such as 12, or {"value": "1500m", "labels": {...}, "ttlSeconds": 60}';

/** The body of a metric: a bare value, or an object with `value`, and perhaps `labels` and `ttlSeconds`. */
export function decodeMetric(data: Uint8Array): Result<MetricFigure> {
  const body = decodeJson(data, metricLimits);
  if (!body.ok) return failure("BadRequest", `expected ${metricForms}: ${body.error.message}`);
  const {
    value,
    labels = {},
    ttlSeconds = defaultMetricLifeSeconds,
  } = isRecord(body.value) ? body.value : { value: body.value };
  const quantity = parseQuantity(value, { allowNegative: true });
  if (!quantity.ok) return failure("Invalid", `value: ${quantity.error.message}; expected ${metricForms}`);
  if (typeof ttlSeconds !== "number" || !(ttlSeconds > 0 && ttlSeconds <= maxMetricLifeSeconds)) {
    return failure("Invalid", `ttlSeconds must be above 0 and at most ${maxMetricLifeSeconds}`);
  }
  if (!isTextMap(labels)) {
    return failure("Invalid", `labels must be an object of at most ${maxMetricLabels} texts`);
  }
  const milli = Number(quantity.value.nano) / 1e6;
  return success({ milli, labels, lifeMs: ttlSeconds * 1000 });
}

const isTextMap = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) &&
  Object.keys(value).length <= maxMetricLabels &&
  Object.values(value).every((each) => typeof each === "string");
