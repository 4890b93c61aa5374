// `get status`: what the log says of the cluster, together with what the leader and the masters say of the moment.

import type { Bus, EventLog } from "../../actors/mod.ts";
import { type ClusterStatus, type LogId, type Prefix } from "../../protocol/mod.ts";
import type { NodeRow } from "../cluster/contract.ts";
import type { AcceptedFold } from "./accepted-fold.ts";
import type { Gathered, LiveStatus } from "./live-status.ts";

export interface StatusSources {
  readonly fold: AcceptedFold;
  readonly log: EventLog;
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly release: string;
}

export async function clusterStatus(sources: StatusSources, gathered: Gathered): Promise<ClusterStatus> {
  const { fold, log, bus, prefix, release } = sources;
  const info = await log.info();
  const { state, chain } = fold;
  const { live } = gathered;
  const noLeader = live
    ? []
    : ["no leader answers: changes wait, and the nodes' last signs of life are unknown"];
  return {
    version: release,
    prefix,
    logId: state.logId ?? ("" as LogId),
    epoch: state.epoch,
    leader: state.leader ?? "",
    masters: gathered.masters.map(({ id, leader, position, release: version, startedAt }) => ({
      id,
      leader,
      position,
      version,
      startedAt,
    })),
    nodes: Array.from(state.nodes(), (row) => nodeStatus(fold, row, live)),
    log: {
      stream: info.stream,
      firstSequence: info.firstSequence,
      lastSequence: info.lastSequence,
      bytes: info.bytes,
      replicas: info.replicas,
      events: fold.position,
      skippedCommits: chain.skipped,
      since: fold.since,
    },
    nats: { version: bus.serverInfo.version, url: bus.serverInfo.url },
    notices: [...(live?.notices ?? []), ...noLeader],
  };
}

function nodeStatus(
  { state }: AcceptedFold,
  { name, state: nodeState, registration }: NodeRow,
  live: LiveStatus | undefined,
): ClusterStatus["nodes"][number] {
  const seen = live?.nodes.find((node) => node.name === name);
  const runtime = registration?.runtime;
  return {
    name,
    state: registration ? nodeState : "Unknown",
    ...(seen?.lastSeenMs !== undefined && { lastSeenMs: seen.lastSeenMs }),
    pods: Array.from(state.podsOnNode(name)).length,
    runtime: runtime ? `${runtime.name} ${runtime.version}` : "",
    agentVersion: registration?.agentVersion ?? "",
    inSync: seen?.inSync ?? false,
  };
}
