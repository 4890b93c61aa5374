// Usage in the words of Kubernetes' metrics API (metrics.k8s.io/v1beta1): NodeMetrics and PodMetrics, as this master
// heard of them last. What is missing or old is said in warnings.

import {
  type ApiObject,
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  failure,
  formatBytes,
  formatCpuMilli,
  type Result,
  success,
  type Usage,
} from "../../protocol/mod.ts";
import type { ClusterState, NodeRow, PodRow } from "../cluster/contract.ts";
import type { Figures, NodeFigures } from "../figures/mod.ts";
import { fittingPage } from "../history/mod.ts";
import { answered, refused } from "./answer.ts";
import { parseSelection, type Selection } from "./selection.ts";

const apiVersion = "metrics.k8s.io/v1beta1";
/** Names in one warning; the others are counted. */
const namedAtMost = 5;
const maxPage = 5000;

export interface UsageSources {
  readonly state: ClusterState;
  readonly figures: Figures;
  /** ms since 1970. */
  readonly now: number;
  readonly pageBytes: number;
}

/** `list` and `get` of nodes and pods of the group. */
export function usageObjects(sources: UsageSources, target: ApiTarget, request: ApiRequest): ApiReply {
  const selection = parseSelection({ ...target, group: "core" }, request);
  if (!selection.ok) return refused(selection.error);
  const measured =
    selection.value.info.kind === "Node"
      ? nodeMetrics(sources, selection.value)
      : podMetrics(sources, selection.value);
  const { position } = sources.state;
  if (target.verb === "get") {
    const found = one(target, measured);
    return found.ok
      ? answered(position, { type: "object", object: found.value }, measured.warnings)
      : refused(found.error);
  }
  const items = measured.items.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  // Figures are of now, so a later page is of later figures: it goes on after the last name.
  const from =
    request.continue === undefined ? 0 : items.findIndex((item) => keyOf(item) > (request.continue ?? ""));
  const rest = from < 0 ? [] : items.slice(from);
  const limit = Math.max(1, Math.min(maxPage, request.limit || maxPage));
  const page = fittingPage(rest.slice(0, limit), sources.pageBytes);
  const remaining = rest.length - page.length;
  const last = page.at(-1);
  return answered(
    position,
    {
      type: "list",
      kind: selection.value.info.kind === "Node" ? "NodeMetrics" : "PodMetrics",
      items: page,
      ...(remaining > 0 && last && { continue: keyOf(last), remaining }),
    },
    measured.warnings,
  );
}

const keyOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;

interface Measured {
  readonly items: readonly ApiObject[];
  readonly warnings: readonly string[];
}

function one({ resource, name }: ApiTarget, { items }: Measured): Result<ApiObject> {
  const [item] = items;
  if (name === undefined) return failure("BadRequest", `get needs the name of one of the ${resource}`);
  if (item) return success(item);
  return failure("NotFound", `there are no figures of ${resource.replace(/s$/, "")} "${name}" (yet)`);
}

/** Figures of a former session of the node are another agent's. */
function figuresOf({ figures }: UsageSources, row: NodeRow | undefined): NodeFigures | undefined {
  const found = row && figures.node(row.name);
  return found?.session === row?.session ? found : undefined;
}

function nodeMetrics(sources: UsageSources, selection: Selection): Measured {
  const items: ApiObject[] = [];
  const missing: string[] = [];
  const old: string[] = [];
  for (const row of sources.state.nodes()) {
    const { metadata } = row;
    if (!selection.selects({ apiVersion: "v1", kind: "Node", metadata, spec: {}, status: {} })) continue;
    const found = figuresOf(sources, row);
    if (!found) {
      missing.push(row.name);
      continue;
    }
    if (found.stale) old.push(`${row.name} (${seconds(found.ageMs)})`);
    items.push({ ...headOf("NodeMetrics", metadata, found, sources.now), usage: amounts(found.usage) });
  }
  return { items, warnings: told("node", missing, old) };
}

function podMetrics(sources: UsageSources, selection: Selection): Measured {
  const items: ApiObject[] = [];
  const missing: string[] = [];
  const old = new Set<string>();
  const byNode = new Map<string, NodeFigures | undefined>();
  const { state } = sources;
  for (const row of state.pods(selection.namespace)) {
    if (!isMeasured(row) || !selection.selects(selectable(row))) continue;
    if (!byNode.has(row.node)) byNode.set(row.node, figuresOf(sources, state.node(row.node)));
    const figures = byNode.get(row.node);
    const containers = figures?.pods.get(row.ref.uid);
    if (!figures || !containers) {
      missing.push(row.ref.name);
      continue;
    }
    if (figures.stale) old.add(`${row.node} (${seconds(figures.ageMs)})`);
    items.push({
      ...headOf("PodMetrics", row.metadata, figures, sources.now),
      containers: containers.map(({ name, ...usage }) => ({ name, usage: amounts(usage) })),
    });
  }
  return { items, warnings: told("pod", missing, [...old]) };
}

type BoundRow = PodRow & { readonly node: NonNullable<PodRow["node"]> };
/** One that has ended, or is not on a node yet, uses nothing. */
const isMeasured = (row: PodRow): row is BoundRow =>
  row.node !== undefined && row.status.phase !== "Succeeded" && row.status.phase !== "Failed";

const selectable = ({ metadata, spec, status, node }: BoundRow): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata,
  spec: { ...spec, nodeName: node },
  status,
});

/** `stale` is Berth's own. */
function headOf(kind: string, metadata: ApiObject["metadata"], figures: NodeFigures, now: number): ApiObject {
  const { name, namespace, labels } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      creationTimestamp: new Date(now).toISOString(),
    },
    timestamp: new Date(now - figures.ageMs).toISOString(),
    window: seconds(figures.windowMs),
    ...(figures.stale && { stale: true }),
  };
}

const amounts = ({ cpuMilli, memoryBytes }: Usage): Readonly<Record<string, string>> => ({
  cpu: formatCpuMilli(cpuMilli),
  memory: formatBytes(memoryBytes),
});

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0).replace(/\.0$/, "")}s`;

function told(what: string, missing: readonly string[], old: readonly string[]): readonly string[] {
  const warnings: string[] = [];
  if (missing.length > 0) warnings.push(`no figures (yet) of ${what} ${shortList(missing)}`);
  if (old.length > 0) warnings.push(`figures are old, of node ${shortList(old)}`);
  return warnings;
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, namedAtMost).join(", ");
  return names.length > namedAtMost ? `${shown} and ${names.length - namedAtMost} more` : shown;
}
