// What one agent was last told to run, and what it has to be told next. It builds messages; sending them, after
// acceptance, is the outbox's matter.

import {
  addDigest,
  type AssignedPod,
  type AssignMessage,
  assignmentItemDigest,
  configsText,
  type HeartbeatMessage,
  type NodeName,
  type Pod,
  type Position,
  removeDigest,
  type SessionId,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "../cluster/contract.ts";
import { assignedVolumes } from "./assigned-volumes.ts";
import { configsOf } from "./config-users.ts";

/** Positions whose digests are remembered, to compare heartbeats with. */
const rememberedDigests = 64;
/** An agent that has not reached what it was sent within this is sent the whole. */
const catchUpMs = 2_000;
/** The whole is not sent more often than this, whatever heartbeats say. */
const fullEveryMs = 1_000;

export interface Courier {
  /** Whether the agent's last heartbeat agreed with what it is to have. */
  readonly inSync: boolean;
  /** The message for what changed of these pods; undefined when it changes nothing for this agent. */
  delta(state: ClusterState, changed: Iterable<Uid>, now: number): AssignMessage | undefined;
  full(state: ClusterState, now: number): AssignMessage;
  /** True when the agent has to be sent the whole. */
  heartbeat(state: ClusterState, message: HeartbeatMessage, now: number): boolean;
}

/** What an agent was told of one pod. */
interface Told {
  readonly assigned: Position;
  readonly configs: string;
  readonly digest: number;
}

export function createCourier(node: NodeName, session: SessionId): Courier {
  /** What the agent has or will have, pod by pod. Undefined until something was agreed on. */
  let told: Map<Uid, Told> | undefined;
  let digest = 0;
  let sent = { to: 0 as Position, at: Number.NEGATIVE_INFINITY };
  let lastFullAt = Number.NEGATIVE_INFINITY;
  let digests: { readonly to: Position; readonly digest: number }[] = [];
  let inSync = false;

  const head = (state: ClusterState) => {
    if (state.logId === undefined) throw new Error("assignments need a log that was created");
    const { logId, epoch, servicesPosition } = state;
    return {
      version: 1,
      session,
      logId,
      epoch,
      to: state.position,
      digest,
      services: servicesPosition,
    } as const;
  };

  function remember(to: Position, now: number): void {
    sent = { to, at: now };
    digests.push({ to, digest });
    if (digests.length > rememberedDigests) digests = digests.slice(-rememberedDigests / 2);
  }

  function put(rows: Map<Uid, Told>, state: ClusterState, row: PodRow): boolean {
    const { ref, assigned } = row;
    const configs = configsText(configsOf(state, row));
    const before = rows.get(ref.uid);
    if (before && before.assigned === assigned && before.configs === configs) return false;
    if (before) digest = removeDigest(digest, before.digest);
    const item = assignmentItemDigest(ref.uid, assigned, configs);
    rows.set(ref.uid, { assigned, configs, digest: item });
    digest = addDigest(digest, item);
    return true;
  }

  function drop(rows: Map<Uid, Told>, uid: Uid): boolean {
    const before = rows.get(uid);
    if (before === undefined) return false;
    rows.delete(uid);
    digest = removeDigest(digest, before.digest);
    return true;
  }

  /** What the agent is to have now, forgetting what it was told. */
  function startOver(state: ClusterState): AssignedPod[] {
    const pods: AssignedPod[] = [];
    told = new Map();
    digest = 0;
    digests = [];
    for (const row of state.podsOnNode(node)) {
      put(told, state, row);
      pods.push(assignedPod(state, row));
    }
    return pods;
  }

  function full(state: ClusterState, now: number): AssignMessage {
    const pods = startOver(state);
    remember(state.position, now);
    lastFullAt = now;
    return { ...head(state), kind: "full", pods };
  }

  return {
    get inSync() {
      return inSync;
    },
    full,
    delta(state, changed, now) {
      // After a claim nobody knows what the agent has: the whole is the one safe thing to say.
      if (!told) return full(state, now);
      const from = sent.to;
      const pods: AssignedPod[] = [];
      const removed: Uid[] = [];
      for (const uid of changed) {
        const row = state.pod(uid);
        if (row?.node === node) {
          if (put(told, state, row)) pods.push(assignedPod(state, row));
        } else if (drop(told, uid)) removed.push(uid);
      }
      if (pods.length + removed.length === 0) return undefined;
      remember(state.position, now);
      return { ...head(state), kind: "delta", from, pods, removed };
    },
    heartbeat(state, message, now) {
      const sameLog = message.logId === state.logId;
      if (!told) {
        startOver(state);
        // It already has exactly what it should: deltas go on from there.
        if (sameLog && message.position <= state.position && message.digest === digest) {
          remember(message.position, now);
          inSync = true;
          return false;
        }
        inSync = false;
        return true;
      }
      const known = digests.findLast(({ to }) => to === message.position);
      inSync = sameLog && known !== undefined && known.digest === message.digest;
      if (inSync && message.position === sent.to) return false;
      if (now - lastFullAt < fullEveryMs) return false;
      const differs = !inSync && (known !== undefined || !sameLog || message.position > sent.to);
      return differs || now - sent.at > catchUpMs;
    },
  };
}

function assignedPod(state: ClusterState, row: PodRow): AssignedPod {
  const { uid, namespace, name } = row.ref;
  const rendered = state.render("Pod", namespace, name);
  if (!rendered || rendered.kind !== "Pod") throw new Error(`pod ${namespace}/${name} cannot be rendered`);
  const spec = row.node === undefined ? row.spec : { ...row.spec, nodeName: row.node };
  // Who owns which field is nothing to a node.
  const { managedFields: _managers, ...metadata } = rendered.metadata;
  const pod: Pod = { ...rendered, apiVersion: "v1", kind: "Pod", metadata, spec, status: row.status };
  const configs = configsOf(state, row);
  const volumes = assignedVolumes(state, row);
  const assigned = {
    uid,
    position: row.assigned,
    pod,
    ...(configs && { configs }),
    ...(volumes && { volumes }),
  };
  const { deletion, givenUp } = row;
  if (deletion?.released) {
    return { ...assigned, stop: { graceSeconds: deletion.graceSeconds, reason: deletion.reason } };
  }
  // The log calls it failed, whatever its node still runs: a node that comes back must end it.
  if (givenUp)
    return {
      ...assigned,
      stop: { graceSeconds: row.spec.terminationGracePeriodSeconds ?? 30, reason: givenUp.reason },
    };
  return assigned;
}
