// Rows as the Kubernetes objects that users, agents and watches see.

import type { ApiObject, ObjectMeta } from "../../protocol/mod.ts";
import { apiVersionOf, kindInfo, parseNodeName } from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow } from "./contract.ts";
import { renderNode } from "./render-node.ts";
import { renderPod } from "./render-pod.ts";
import { endpointsUid, renderSubsets } from "./render-endpoints.ts";
import { timestamp } from "./timestamps.ts";

type Rows = Pick<
  ClusterState,
  "endpointSubsets" | "node" | "nodes" | "object" | "objects" | "podNamed" | "pods"
>;

export function renderObject(
  state: Rows,
  kind: string,
  namespace: string | undefined,
  name: string,
): ApiObject | undefined {
  if (kind === "Pod") {
    const row = namespace === undefined ? undefined : state.podNamed(namespace, name);
    return row && renderPod(row);
  }
  if (kind === "Node") {
    const parsed = parseNodeName(name);
    const row = parsed.ok ? state.node(parsed.value) : undefined;
    return row && renderNode(row);
  }
  const row = state.object(kind, namespace, name);
  return row && renderRow(state, row);
}

export function* listObjects(state: Rows, kind: string, namespace?: string): Iterable<ApiObject> {
  if (kind === "Pod") for (const row of state.pods(namespace)) yield renderPod(row);
  else if (kind === "Node") for (const row of state.nodes()) yield renderNode(row);
  else for (const row of state.objects(kind, namespace)) yield renderRow(state, row);
}

function renderRow(state: Rows, row: ObjectRow): ApiObject {
  const metadata: ObjectMeta = { ...row.value.metadata, resourceVersion: String(row.position) };
  if (row.deletion) metadata.deletionTimestamp = timestamp(row.deletion.requestedAt);
  const info = kindInfo(row.ref.kind);
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = row.value;
  const object = {
    apiVersion: info ? apiVersionOf(info) : row.value.apiVersion,
    kind: row.ref.kind,
    metadata,
    ...rest,
  };
  if (row.ref.kind === "Endpoints") {
    const subsets = managedSubsets(state, row);
    return subsets ? { ...object, subsets: renderSubsets(row.ref.namespace ?? "", subsets) } : object;
  }
  return Object.keys(row.status).length > 0 ? { ...object, status: row.status } : object;
}

/** Subsets that the endpoints controller wrote; undefined for Endpoints that a user keeps. */
function managedSubsets(state: Rows, { ref }: ObjectRow): ReturnType<ClusterState["endpointSubsets"]> {
  const service = state.object("Service", ref.namespace, ref.name);
  return service && ref.uid === endpointsUid(service.ref.uid)
    ? state.endpointSubsets(service.ref.uid)
    : undefined;
}
