// A small snapshot for the scheduler's tests and benchmark: nodes and pods made from the few fields that matter.

import type { NodeName, PodSpec, PodStatus, Position, SessionId, Taint, Uid } from "../../../protocol/mod.ts";
import type { NodeRow, PodRow, Resources, SchedulingSnapshot } from "../../cluster/contract.ts";

const roomy: Resources = { cpuMilli: 4000, memoryBytes: 8 * 2 ** 30, pods: 110 };

export interface NodeFields {
  readonly name: string;
  readonly allocatable?: Partial<Resources>;
  readonly state?: NodeRow["state"];
  readonly cordoned?: boolean;
  readonly taints?: readonly Taint[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PodFields {
  readonly name: string;
  readonly group?: string;
  readonly requests?: Partial<Resources>;
  readonly hostPorts?: readonly string[];
  readonly spec?: Partial<PodSpec>;
  /** Bound to this node before the plan. */
  readonly on?: string;
  readonly priority?: number;
  readonly createdAt?: number;
  readonly leaving?: boolean;
  readonly nominated?: string;
}

export const nodeRow = (fields: NodeFields, used: Resources): NodeRow => ({
  ref: { kind: "Node", name: fields.name, uid: `uid-${fields.name}` as Uid },
  name: fields.name as NodeName,
  metadata: { name: fields.name, labels: { ...fields.labels } },
  session: 1 as SessionId,
  state: fields.state ?? "Ready",
  since: 0,
  podCidr: "10.1.0.0/24",
  unschedulable: fields.cordoned ?? false,
  taints: fields.taints ?? [],
  allocatable: { ...roomy, ...fields.allocatable },
  used,
  reported: 0,
  position: 1 as Position,
});

export const podRow = (fields: PodFields): PodRow => ({
  ref: { kind: "Pod", namespace: "default", name: fields.name, uid: `uid-${fields.name}` as Uid },
  metadata: { name: fields.name, namespace: "default" },
  spec: {
    containers: [{ name: "app", image: "app" }],
    ...(fields.priority !== undefined && { priority: fields.priority }),
    ...fields.spec,
  },
  ...(fields.nominated !== undefined && { nominated: fields.nominated as NodeName }),
  ...(fields.leaving && {
    deletion: { requestedAt: 0, position: 1 as Position, graceSeconds: 30, reason: "", released: true },
  }),
  group: fields.group ?? fields.name,
  ...(fields.on !== undefined && { node: fields.on as NodeName }),
  status: { phase: "Pending" } satisfies PodStatus,
  ready: false,
  requests: { cpuMilli: 0, memoryBytes: 0, pods: 1, ...fields.requests },
  hostPorts: fields.hostPorts ?? [],
  createdAt: fields.createdAt ?? 0,
  position: 1 as Position,
  assigned: 1 as Position,
});

export function snapshotOf(
  nodes: readonly NodeFields[],
  bound: readonly PodFields[] = [],
  nominated: readonly PodRow[] = [],
): SchedulingSnapshot & { readonly rows: ReadonlyMap<NodeName, NodeRow> } {
  const pods = new Map<string, PodRow[]>();
  for (const fields of bound)
    pods.set(fields.on ?? "", [...(pods.get(fields.on ?? "") ?? []), podRow(fields)]);
  const on = (node: string): readonly PodRow[] => pods.get(node) ?? [];
  const rows = new Map<NodeName, NodeRow>();
  for (const fields of nodes) {
    const used = { cpuMilli: 0, memoryBytes: 0, pods: 0 };
    for (const { requests } of on(fields.name)) {
      used.cpuMilli += requests.cpuMilli;
      used.memoryBytes += requests.memoryBytes;
      used.pods += requests.pods;
    }
    rows.set(fields.name as NodeName, nodeRow(fields, used));
  }
  const priorityOf = (row: PodRow): number => row.spec.priority ?? 0;
  return {
    pods: () => [...pods.values()].flat(),
    podsSelected: () => [],
    podsNominated: () => nominated,
    objectByUid: () => undefined,
    budgetsOf: () => [],
    roomBelow: (node, priority) =>
      on(node)
        .filter((row) => row.deletion || priorityOf(row) < priority)
        .reduce(
          (sum, { requests }) => ({
            cpuMilli: sum.cpuMilli + requests.cpuMilli,
            memoryBytes: sum.memoryBytes + requests.memoryBytes,
            pods: sum.pods + requests.pods,
          }),
          { cpuMilli: 0, memoryBytes: 0, pods: 0 },
        ),
    rows,
    nodes: () => rows.values(),
    node: (name) => rows.get(name),
    podsOnNode: on,
    groupCount: (group, node) => on(node).filter((pod) => pod.group === group).length,
    object: () => undefined,
    podsUsingClaim: () => [],
    freeVolumes: () => [],
    hostPortTaken: (node, port) => on(node).some((pod) => pod.hostPorts.includes(port)),
  };
}

/** `count` equal pods named `<prefix>-<n>`. */
export const equalPods = (prefix: string, count: number, fields: Omit<PodFields, "name"> = {}): PodRow[] =>
  Array.from({ length: count }, (_, index) =>
    podRow({ group: prefix, ...fields, name: `${prefix}-${index}` }),
  );
