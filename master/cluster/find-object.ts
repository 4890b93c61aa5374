// Looks an object of any kind up, in the shape in which it is stored: metadata and spec, no status.

import {
  type ApiObject,
  apiVersionOf,
  kindInfo,
  type ObjectRef,
  parseNodeName,
  type Position,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow, PodRow } from "./contract.ts";

export interface Found {
  readonly ref: ObjectRef;
  readonly value: ApiObject;
  readonly position: Position;
  readonly deleting: boolean;
}

export function findObject(
  state: ClusterState,
  { kind, namespace, name }: Omit<ObjectRef, "uid">,
): Found | undefined {
  if (kind === "Pod") {
    const row = namespace === undefined ? undefined : state.podNamed(namespace, name);
    return row && { ref: row.ref, value: podValue(row), position: row.position, deleting: !!row.deletion };
  }
  if (kind === "Node") {
    const parsed = parseNodeName(name);
    const row = parsed.ok ? state.node(parsed.value) : undefined;
    return row && { ref: row.ref, value: nodeValue(row), position: row.position, deleting: false };
  }
  const info = kindInfo(kind);
  const row = state.object(kind, info?.namespaced ? namespace : undefined, name);
  if (!info || !row) return undefined;
  const value = { ...row.value, apiVersion: apiVersionOf(info), kind };
  return { ref: row.ref, value, position: row.position, deleting: row.deletion !== undefined };
}

const podValue = ({ metadata, spec, node }: PodRow): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata,
  spec: node === undefined ? spec : { ...spec, nodeName: node },
});

const nodeValue = ({ metadata, podCidr, unschedulable, taints }: NodeRow): ApiObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata,
  spec: {
    podCIDR: podCidr,
    podCIDRs: [podCidr],
    ...(taints.length > 0 && { taints }),
    ...(unschedulable && { unschedulable }),
  },
});
