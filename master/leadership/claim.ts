// The commit that claims the leadership; on an empty log it is also the cluster's first.

import type { DecideContext, ClusterState } from "../cluster/contract.ts";
import {
  type ApiObject,
  type BerthEvent,
  defaultClassAnnotation,
  type Epoch,
  localProvisioner,
  type LogId,
  type MasterId,
  type Position,
  systemPriorityClasses,
  unwrap,
} from "../../protocol/mod.ts";
import { createDraft, type Draft, encodeBlock } from "../journal/mod.ts";
import { place, type Rules } from "../turn.ts";

/** The level of events that this version writes. */
export const eventLevel = 1;

export interface ClusterConfig {
  readonly podCidr: string;
  readonly serviceCidr: string;
}

export interface ClaimOptions {
  readonly state: ClusterState;
  readonly rules: Rules;
  readonly context: DecideContext;
  readonly master: MasterId;
  readonly config: ClusterConfig;
}

export function draftClaim(options: ClaimOptions): Draft {
  const { state, context, master } = options;
  const epoch = (state.epoch + 1) as Epoch;
  const first = state.position === 0 ? firstEvents(options) : [];
  const by = `master:${master}`;
  const elected = { type: "LeaderElected", version: 1, at: context.now, by, epoch, master } as const;
  const block = unwrap(encodeBlock([...first, elected]));
  return createDraft(epoch, (state.position + 1) as Position, [block], true);
}

export function draftStandDown(state: ClusterState, master: MasterId, now: number): Draft {
  const { epoch } = state;
  const by = `master:${master}`;
  const event = { type: "LeaderStoodDown", version: 1, at: now, by, epoch, master } as const;
  return createDraft(epoch, (state.position + 1) as Position, [unwrap(encodeBlock([event]))]);
}

/** Manifests count on these: what belongs to a cluster itself is written for kube-system. */
const firstNamespaces = ["default", "kube-system", "kube-public"];

/** What a new cluster has, as `decide` makes any object. Users may change it, and delete most: it is made this once. */
const firstObjects: readonly ApiObject[] = [
  ...firstNamespaces.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
  ...systemPriorityClasses.map((priorityClass) => ({
    ...priorityClass,
    metadata: { ...priorityClass.metadata },
  })),
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "local", annotations: { [defaultClassAnnotation]: "true" } },
    provisioner: localProvisioner,
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
  },
];

/** The log's identity, its level, the address ranges, and the first objects. */
function firstEvents({ state, rules, context, master, config }: ClaimOptions): readonly BerthEvent[] {
  const header = { version: 1, at: context.now, by: `master:${master}` } as const;
  const events: BerthEvent[] = [
    { ...header, type: "LogCreated", logId: context.uuid() as LogId },
    { ...header, type: "LevelRaised", level: eventLevel },
    { ...header, type: "ClusterConfigured", podCidr: config.podCidr, serviceCidr: config.serviceCidr },
  ];
  const mark = state.mark();
  try {
    for (const event of events) rules.evolve(state, place(event, (state.position + 1) as Position));
    for (const object of firstObjects) {
      const command = { type: "CreateObject", object, manager: "berth" } as const;
      events.push(...unwrap(rules.decide(state, { by: header.by, command }, context)).events);
    }
  } finally {
    state.undo(mark);
  }
  return events;
}
