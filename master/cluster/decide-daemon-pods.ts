// Pods that are for one node each. Where the node takes its pod at once, it is bound in the same commit; where it has
// no room, the pod waits for it as any other does.

import { type BerthEvent, failure, type NodeName, type Result, type Uid } from "../../protocol/mod.ts";
import type { CommandOf } from "./command-of.ts";
import type { ClusterState, Decision, NodeRow } from "./contract.ts";
import { daemonTemplate } from "./daemon-template.ts";
import { drawName, namespaceOpen } from "./decide-create.ts";
import { ownerReference } from "./controlling.ts";
import { type Deciding, decided, nameOf, notFound, unchanged } from "./deciding.ts";
import { type Needs, obstacleOn } from "./node-room.ts";
import { hostPortsOf, requestsOf } from "./pod-needs.ts";
import { recordedTemplate } from "./recorded-template.ts";
import { usesClaims } from "../storage/mod.ts";

export function createDaemonPods(
  deciding: Deciding,
  { owner, reason, nodes }: CommandOf<"CreatePods"> & { readonly nodes: readonly NodeName[] },
): Result<Decision> {
  const { state, header } = deciding;
  const row = state.objectByUid(owner.uid);
  const { namespace } = owner;
  if (row?.ref.kind !== "DaemonSet" || namespace === undefined) return notFound(owner);
  if (row.deletion) return failure("Conflict", `${nameOf(owner)} is being deleted: it makes no pods`);
  const open = namespaceOpen(state, namespace);
  if (!open.ok) return open;
  const recorded = recordedTemplate({ state, header, owner: row, value: daemonTemplate(row.value) });
  if (!recorded.ok) return recorded;
  const { id: template, value } = recorded.value;
  const events: BerthEvent[] = [...recorded.value.events];
  const spec = value.spec ?? { containers: [] };
  const needs: Needs = { spec, requests: requestsOf(spec), hostPorts: hostPortsOf(spec) };
  const reference = ownerReference(row.ref, row.value.apiVersion);
  const names = new Set<string>();
  const isTaken = (name: string): boolean => names.has(name) || state.podNamed(namespace, name) !== undefined;
  for (const node of nodes) {
    const found = state.node(node);
    if (!found) continue;
    const name = drawName(deciding, `${owner.name}-`, isTaken);
    names.add(name);
    const object = { kind: "Pod", namespace, name, uid: deciding.context.uuid() as Uid };
    events.push({ ...header, type: "PodCreated", object, template, owner: reference, reason, node });
    if (takes(deciding, found, needs)) events.push({ ...header, type: "PodBound", object, node });
  }
  return names.size === 0 ? unchanged : decided(events);
}

/** Pods with claims are left to the scheduler, and so are nodes where others made way for a pod. */
const takes = ({ state }: Deciding, node: NodeRow, needs: Needs): boolean =>
  node.state === "Ready" &&
  !usesClaims(needs.spec) &&
  !isPromised(state, node) &&
  obstacleOn(state, node, needs) === undefined;

function isPromised(state: ClusterState, { name }: NodeRow): boolean {
  for (const { nominated } of state.podsNominated()) if (nominated === name) return true;
  return false;
}
