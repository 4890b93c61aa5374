// `get` and `list` of objects, at the state's present position or from a pinned list.

import {
  type ApiObject,
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  failure,
  type Result,
  success,
} from "../../protocol/mod.ts";
import { defaultNamespace, targetKind } from "../api/target-kind.ts";
import type { ClusterState } from "../cluster/contract.ts";
import { notFound } from "../cluster/mod.ts";
import { fittingPage } from "../history/mod.ts";
import { answered, refused } from "./answer.ts";
import type { FullList, PinnedLists } from "./pinned-lists.ts";
import { parseSelection, type Selection } from "./selection.ts";

/** Objects in one reply when the request names no limit, and at most. */
export const maxPage = 5000;
export function getObject(state: ClusterState, target: ApiTarget): Result<ApiObject> {
  const kind = targetKind(target);
  if (!kind.ok) return kind;
  const { kind: kindName, namespaced, resource } = kind.value;
  const { name } = target;
  if (name === undefined) return failure("BadRequest", `get needs the name of one of the ${resource}`);
  if (target.allNamespaces)
    return failure("BadRequest", `get needs one namespace, found - for all; list them`);
  const namespace = namespaced ? (target.namespace ?? defaultNamespace) : undefined;
  const object = state.render(kindName, namespace, name);
  if (object) return success(object);
  return notFound({ kind: kindName, name, ...(namespace !== undefined && { namespace }) });
}

/** Selected objects in the order of namespace and name. */
export function selectObjects(state: ClusterState, selection: Selection): ApiObject[] {
  const items: ApiObject[] = [];
  for (const object of state.list(selection.info.kind, selection.namespace)) {
    if (selection.selects(object)) items.push(object);
  }
  return items.sort(byName);
}

function byName({ metadata: one }: ApiObject, { metadata: other }: ApiObject): number {
  return compare(one.namespace ?? "", other.namespace ?? "") || compare(one.name ?? "", other.name ?? "");
}
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export interface PageOptions {
  readonly request: ApiRequest;
  readonly pinned: PinnedLists;
  /** Bytes of the objects in one reply; more are left for the next page. */
  readonly pageBytes: number;
}

export function listObjects(state: ClusterState, target: ApiTarget, options: PageOptions): ApiReply {
  const { request, pinned } = options;
  const { labelSelector = "", fieldSelector = "" } = request;
  const { user, group, resource, namespace = "", name = "" } = target;
  const key = JSON.stringify([user, group, resource, namespace, name, labelSelector, fieldSelector]);
  if (request.continue !== undefined) {
    const page = pinned.find(request.continue, key);
    return page.ok ? pageOf(page.value.list, page.value.from, options) : refused(page.error);
  }
  const selection = parseSelection(target, request);
  if (!selection.ok) return refused(selection.error);
  const items = selectObjects(state, selection.value);
  const list = { key, kind: selection.value.info.kind, position: state.position, items };
  return pageOf(list, 0, options);
}

function pageOf(list: FullList, from: number, { pinned, request, pageBytes }: PageOptions): ApiReply {
  const limit = Math.max(1, Math.min(maxPage, request.limit || maxPage));
  const items = fittingPage(list.items.slice(from, from + limit), pageBytes);
  const end = from + items.length;
  const remaining = list.items.length - end;
  return answered(list.position, {
    type: "list",
    kind: list.kind,
    items,
    ...(remaining > 0 && { continue: pinned.pin(list, end, request.continue), remaining }),
  });
}
