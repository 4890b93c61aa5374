// The newest figures of every node and of every metric: what this master has heard, and nothing of the log. Bounded;
// all of it may be lost at any time, for it comes again. Messages of usage are read when somebody asks for them.

import type { Clock } from "../../actors/mod.ts";
import {
  type ContainerUsage,
  decodeMetric,
  decodeUsage,
  failure,
  type NodeName,
  type Result,
  type SessionId,
  staleAfterIntervals,
  success,
  type Uid,
  type Usage,
} from "../../protocol/mod.ts";

/** Figures of more nodes are not kept. */
export const maxNodes = 20_000;
/** Series of metrics beyond this are refused until others have ended. */
export const maxSeries = 20_000;
/** What a node said longer ago is forgotten. */
const forgetNodeMs = 15 * 60_000;

export interface NodeFigures {
  readonly session: SessionId;
  /** Since they came. */
  readonly ageMs: number;
  readonly windowMs: number;
  /** Newer ones should have come: nobody may act on these. */
  readonly stale: boolean;
  readonly usage: Usage;
  readonly pods: ReadonlyMap<Uid, readonly ContainerUsage[]>;
}

/** One series of a metric. */
export interface MetricReading {
  readonly milli: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly ageMs: number;
}

interface HeardUsage {
  readonly data: Uint8Array;
  readonly at: number;
  read?: ReadUsage | undefined;
}
type ReadUsage = Omit<NodeFigures, "ageMs" | "stale"> & { readonly intervalMs: number };
interface HeardMetric extends Omit<MetricReading, "ageMs"> {
  readonly at: number;
  readonly endsAt: number;
}

export class Figures {
  readonly #clock: Clock;
  readonly #nodes = new Map<NodeName, HeardUsage>();
  /** By subject, and below it by labels. */
  readonly #metrics = new Map<string, Map<string, HeardMetric>>();
  #series = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  hearUsage(node: NodeName, data: Uint8Array): void {
    const at = this.#clock.monotonic();
    if (!this.#nodes.has(node) && this.#nodes.size >= maxNodes) {
      for (const [name, heard] of this.#nodes) if (at - heard.at > forgetNodeMs) this.#nodes.delete(name);
      if (this.#nodes.size >= maxNodes) return;
    }
    // A copy: the message may be part of a larger buffer that would stay with it.
    this.#nodes.set(node, { data: data.slice(), at });
  }

  /** What the node itself says of its session is the caller's to compare with the log's. */
  node(node: NodeName): NodeFigures | undefined {
    const heard = this.#nodes.get(node);
    if (!heard) return undefined;
    const ageMs = Math.round(this.#clock.monotonic() - heard.at);
    if (ageMs > forgetNodeMs) {
      this.#nodes.delete(node);
      return undefined;
    }
    heard.read ??= readUsage(heard.data);
    if (!heard.read) {
      this.#nodes.delete(node);
      return undefined;
    }
    const { intervalMs, ...read } = heard.read;
    return { ...read, ageMs, stale: ageMs > staleAfterIntervals * intervalMs };
  }

  /** Refused when it can't be understood, or when there are too many. */
  hearMetric(subject: string, data: Uint8Array): Result<void> {
    const figure = decodeMetric(data);
    if (!figure.ok) return figure;
    const at = this.#clock.monotonic();
    const { milli, labels, lifeMs } = figure.value;
    const key = JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
    let series = this.#metrics.get(subject);
    if (!series?.has(key)) {
      if (this.#series >= maxSeries) this.#dropEnded(at);
      if (this.#series >= maxSeries) {
        return failure(
          "TooManyRequests",
          `${maxSeries} series of metrics are kept; no more fit until some end`,
        );
      }
      series = this.#metrics.get(subject) ?? new Map<string, HeardMetric>();
      this.#metrics.set(subject, series);
      this.#series += 1;
    }
    series.set(key, { milli, labels, at, endsAt: at + lifeMs });
    return success(undefined);
  }

  /** The series that have not ended. */
  metric(subject: string): readonly MetricReading[] {
    const now = this.#clock.monotonic();
    const found: MetricReading[] = [];
    for (const { milli, labels, at, endsAt } of this.#metrics.get(subject)?.values() ?? []) {
      if (endsAt >= now) found.push({ milli, labels, ageMs: Math.round(now - at) });
    }
    return found;
  }

  #dropEnded(now: number): void {
    for (const [subject, series] of this.#metrics) {
      for (const [key, { endsAt }] of series) {
        if (endsAt >= now) continue;
        series.delete(key);
        this.#series -= 1;
      }
      if (series.size === 0) this.#metrics.delete(subject);
    }
  }
}

function readUsage(data: Uint8Array): ReadUsage | undefined {
  const message = decodeUsage(data);
  if (!message.ok) return undefined;
  const { session, windowMs, intervalMs, node, pods } = message.value;
  return {
    session,
    windowMs,
    intervalMs,
    usage: node,
    pods: new Map(pods.map(({ uid, containers }) => [uid, containers])),
  };
}
