// Applies one event to the state. The hot path of replay: no validation, no copies of tables, no clock.

import { assertNever, type ClusterEvent, type Positioned } from "../../protocol/mod.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterState } from "./contract.ts";
import {
  bindPod,
  createPod,
  failPod,
  nominatePod,
  observePod,
  recordTemplate,
  refusePod,
  releaseTermination,
  setConditions,
} from "./evolve-pods.ts";
import {
  changeTaints,
  confirmLeases,
  nodeState,
  observeNode,
  receiveReports,
  registerNode,
} from "./evolve-nodes.ts";
import {
  changeEndpoints,
  changeOwners,
  createObject,
  deleteObject,
  removeFinalizer,
  requestDeletion,
  updateObject,
  updateStatus,
} from "./evolve-objects.ts";

/** Skips what it cannot place (an event about an object that is gone); never fails on an event of `decide`. */
export function evolve(state: ClusterState, event: Positioned): void {
  if (!(state instanceof Cluster)) throw new Error("evolve needs a state made by createClusterState");
  state.advance(event.position, event.at);
  apply(state, event);
}

function apply(cluster: Cluster, event: Positioned): void {
  switch (event.type) {
    case "LogCreated":
    case "LogRestored":
    case "LevelRaised":
    case "ClusterConfigured":
    case "LeaderElected":
    case "LeaderStoodDown":
    case "LeasesConfirmed":
    case "CommandCompleted":
      return applyCluster(cluster, event);
    case "ObjectCreated":
      return createObject(cluster, event);
    case "ObjectUpdated":
      return updateObject(cluster, event);
    case "StatusUpdated":
      return updateStatus(cluster, event);
    case "DeletionRequested":
      return requestDeletion(cluster, event);
    case "FinalizerRemoved":
      return removeFinalizer(cluster, event);
    case "ObjectDeleted":
      return deleteObject(cluster, event);
    case "OwnersChanged":
      return changeOwners(cluster, event);
    case "TemplateRecorded":
      return recordTemplate(cluster, event);
    case "PodCreated":
      return createPod(cluster, event);
    case "PodBound":
      return bindPod(cluster, event);
    case "PodUnschedulable":
      return refusePod(cluster, event);
    case "PodNominated":
      return nominatePod(cluster, event);
    case "PodStatusObserved":
      return observePod(cluster, event);
    case "PodConditionsSet":
      return setConditions(cluster, event);
    case "TerminationReleased":
      return releaseTermination(cluster, event);
    case "PodFailed":
      return failPod(cluster, event);
    case "NodeRegistered":
      return registerNode(cluster, event);
    case "NodeSuspected":
    case "NodeLost":
    case "NodeRecovered":
    case "NodeFenced":
      return nodeState(cluster, event);
    case "NodeStatusObserved":
      return observeNode(cluster, event);
    case "TaintsChanged":
      return changeTaints(cluster, event);
    case "ReportsReceived":
      return receiveReports(cluster, event);
    case "EndpointsChanged":
      return changeEndpoints(cluster, event);
    default:
      assertNever(event, "event");
  }
}

function applyCluster(cluster: Cluster, event: Positioned<ClusterEvent>): void {
  const { head } = cluster;
  switch (event.type) {
    case "LogCreated":
    case "LogRestored":
      return cluster.setHead({ logId: event.logId });
    case "LevelRaised":
      return cluster.setHead({ level: Math.max(head.level, event.level) });
    case "ClusterConfigured":
      return cluster.setHead({ podCidr: event.podCidr, serviceCidr: event.serviceCidr });
    case "LeaderElected":
      cluster.setHead({ epoch: event.epoch, leader: event.master, electedAt: event.at });
      return cluster.timeLostNodes();
    case "LeaderStoodDown":
      return cluster.setHead({ leader: undefined });
    case "LeasesConfirmed":
      return confirmLeases(cluster, event);
    case "CommandCompleted":
      return cluster.addResult(event.command, event.result);
    default:
      assertNever(event, "event");
  }
}
