// What nodes and containers use, as agents publish it: never in the log, newest kept by each master.

import type { SessionId, Uid } from "./ids.ts";

export interface Usage {
  readonly cpuMilli: number;
  /** Working set: without pages of files that can be dropped at any time. */
  readonly memoryBytes: number;
}

export interface ContainerUsage extends Usage {
  readonly name: string;
}

/** Running containers of one pod that were measured twice; one that has just started comes with the next message. */
export interface PodUsage {
  readonly uid: Uid;
  readonly containers: readonly ContainerUsage[];
}

/** `usage`: published by every agent each `intervalMs`. The newest counts; a lost one is made good by the next. */
export interface UsageMessage {
  readonly version: 1;
  readonly session: SessionId;
  /** The agent's clock, for people. */
  readonly at: number;
  readonly intervalMs: number;
  /** CPU is the mean over this long before. */
  readonly windowMs: number;
  readonly node: Usage;
  readonly pods: readonly PodUsage[];
}

export const defaultUsageIntervalMs = 10_000;
/** Figures are stale when three more should have come: nobody may act on them. */
export const staleAfterIntervals = 3;
