// Which events this version can fold. Meeting another means that a newer master raised the level: this one stops.

import type { BerthEvent, Commit, EventType } from "../protocol/mod.ts";

const newestVersions: Readonly<Record<EventType, number>> = {
  LogCreated: 1,
  LogRestored: 1,
  LevelRaised: 1,
  ClusterConfigured: 1,
  LeaderElected: 1,
  LeaderStoodDown: 1,
  CommandCompleted: 1,
  ObjectCreated: 1,
  ObjectUpdated: 1,
  StatusUpdated: 1,
  DeletionRequested: 1,
  FinalizerRemoved: 1,
  ObjectDeleted: 1,
  OwnersChanged: 1,
  TemplateRecorded: 1,
  PodCreated: 1,
  PodBound: 1,
  PodUnschedulable: 1,
  PodStatusObserved: 1,
  TerminationReleased: 1,
  PodFailed: 1,
  NodeRegistered: 1,
  NodeSuspected: 1,
  NodeLost: 1,
  NodeRecovered: 1,
  NodeStatusObserved: 1,
  TaintsChanged: 1,
  ReportsReceived: 1,
  EndpointsChanged: 1,
};
const known = new Map<string, number>(Object.entries(newestVersions));

/** The first event of the commit that this version cannot fold. */
export const unknownEvent = (commit: Commit): BerthEvent | undefined =>
  commit.events.find(({ type, version }) => !(version <= (known.get(type) ?? 0)));
