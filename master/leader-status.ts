// What only the leader's thread knows of the cluster: figures that are not in the log. For `berth status`.

import type { Epoch, LogId, MasterId, NodeName, Position } from "../protocol/mod.ts";

export type Standing = "starting" | "following" | "claiming" | "leading" | "halted" | "leaving";

export interface LeaderStatus {
  readonly master: MasterId;
  readonly standing: Standing;
  readonly logId: LogId | undefined;
  readonly epoch: Epoch;
  /** Last accepted position. */
  readonly position: Position;
  readonly skippedCommits: number;
  readonly underWay: number;
  readonly nodes: readonly {
    readonly name: NodeName;
    readonly lastSeenMs: number | undefined;
    readonly inSync: boolean;
  }[];
  /** Conditions that need a person. */
  readonly notices: readonly string[];
}
