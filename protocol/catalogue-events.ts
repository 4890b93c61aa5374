// What each event says, for docs/events.md. One sentence each; the type system asks for one of every event.

import type { EventType } from "./events.ts";

export const eventGroups: readonly { readonly title: string; readonly types: readonly EventType[] }[] = [
  {
    title: "The log and its leader",
    types: [
      "LogCreated",
      "LogRestored",
      "LevelRaised",
      "ClusterConfigured",
      "LeaderElected",
      "LeaderStoodDown",
      "LeasesConfirmed",
      "CommandCompleted",
    ],
  },
  {
    title: "Objects of every kind",
    types: [
      "ObjectCreated",
      "ObjectUpdated",
      "StatusUpdated",
      "DeletionRequested",
      "FinalizerRemoved",
      "ObjectDeleted",
      "OwnersChanged",
    ],
  },
  {
    title: "Pods",
    types: [
      "TemplateRecorded",
      "PodCreated",
      "PodBound",
      "PodUnschedulable",
      "PodNominated",
      "PodStatusObserved",
      "PodConditionsSet",
      "TerminationReleased",
      "PodFailed",
    ],
  },
  {
    title: "Nodes",
    types: [
      "NodeRegistered",
      "NodeSuspected",
      "NodeLost",
      "NodeRecovered",
      "NodeFenced",
      "NodeStatusObserved",
      "TaintsChanged",
      "ReportsReceived",
    ],
  },
  { title: "Services", types: ["EndpointsChanged"] },
];

export const eventMeanings: Readonly<Record<EventType, string>> = {
  LogCreated: "The first event of a log; gives it its identity.",
  LogRestored: "The log was restored from a backup, or lost its tail: it is another log from here on.",
  LevelRaised: "Every master understands events of this level; they may be written from here on.",
  ClusterConfigured: "Address ranges of pods and services.",
  LeaderElected: "A master claimed the leadership. Commits of lower epochs that come later are skipped.",
  LeaderStoodDown: "The leader gave up of its own accord, for example at a planned stop.",
  LeasesConfirmed:
    "Heartbeats of these nodes came before this: the leases of their pods (`berth.io/fencing: Lease`) go on. One a second at most, and only while there are such pods.",
  CommandCompleted:
    "The result of a client's command; a retry of the command within 15 minutes gets it again.",
  ObjectCreated: "An object exists. Holds it with its defaults, and what the user sent, verbatim.",
  ObjectUpdated:
    "An object's metadata or spec changed. Holds the whole new value and the names of the fields that differ.",
  StatusUpdated: "A controller wrote the object's status.",
  DeletionRequested:
    "The object is to go. It stays until its finalizers are done and, for a pod, its containers are gone.",
  FinalizerRemoved: "One finalizer of an object that is to go is done.",
  ObjectDeleted: "The object is gone.",
  OwnersChanged: "A controller adopted or released the object, or its owner went without it.",
  TemplateRecorded:
    "A pod template that the PodCreated events after it name; written once for each revision of an owner.",
  PodCreated: "A controller made a pod of a recorded template. (Pods that users make are ObjectCreated.)",
  PodBound: "The pod got its berth: a node, and why this one.",
  PodUnschedulable: "No node takes the pod now, and why. The scheduler looks again when something changes.",
  PodNominated:
    "The pod gets the place of pods of lower priority, whose deletion is asked for in the same commit; it is bound once they have gone.",
  PodStatusObserved: "The node's agent reported the pod's status.",
  PodConditionsSet:
    "Someone else than its node has said how the pod is (`patch --subresource=status`); its readiness gates wait for that.",
  TerminationReleased: "Endpoints no longer lead to the pod: its node may send the stop signal.",
  PodFailed: "The control plane ended the pod, for example because its node was lost.",
  NodeRegistered: "An agent registered and opened a session; the event's position is the session's id.",
  NodeSuspected: "The node was not heard for a while. Nothing is taken from it yet.",
  NodeLost: "The node was silent for too long; its pods are replaced on other nodes.",
  NodeRecovered: "A suspected or lost node is heard again.",
  NodeFenced:
    "Somebody vouched that nothing runs on a lost node any more: pods that must not run twice may be replaced.",
  NodeStatusObserved: "The node's agent reported the node's own status.",
  TaintsChanged: "The taints that the control plane puts on the node changed.",
  ReportsReceived: "Status reports up to this number of this session are in the log.",
  EndpointsChanged: "Addresses behind a service changed. Holds all of them.",
};
