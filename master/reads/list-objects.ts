// `get` and `list` of objects, at the state's present position or from a pinned list.

import {
  type ApiObject,
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  encode,
  failure,
  type Result,
  success,
} from "../../protocol/mod.ts";
import type { ClusterState } from "../cluster/contract.ts";
import { answered, refused } from "./answer.ts";
import type { FullList, PinnedLists } from "./pinned-lists.ts";
import { kindOfTarget, parseSelection, type Selection } from "./selection.ts";

/** Objects in one reply when the request names no limit, and at most. */
export const maxPage = 5000;
/** Bytes of the objects in one reply; more are left for the next page. */
export const pageBytes = 2 * 1024 * 1024;
/** Objects whose size is measured to estimate that of the rest. */
const sampled = 16;

export function getObject(state: ClusterState, target: ApiTarget): Result<ApiObject> {
  const kind = kindOfTarget(target);
  if (!kind.ok) return kind;
  const { kind: kindName, namespaced, resource } = kind.value;
  const { namespace, name } = target;
  if (name === undefined) return failure("BadRequest", `get needs the name of one of the ${resource}`);
  if (namespaced && namespace === undefined) {
    return failure("BadRequest", `${resource} live in namespaces: name one in the subject`);
  }
  const object = state.render(kindName, namespaced ? namespace : undefined, name);
  if (object) return success(object);
  const where = namespaced ? ` in namespace ${namespace}` : "";
  return failure("NotFound", `${resource} "${name}" not found${where}`);
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

export function listObjects(
  state: ClusterState,
  pinned: PinnedLists,
  target: ApiTarget,
  request: ApiRequest,
): ApiReply {
  const { labelSelector = "", fieldSelector = "" } = request;
  const { user, group, resource, namespace = "", name = "" } = target;
  const key = JSON.stringify([user, group, resource, namespace, name, labelSelector, fieldSelector]);
  if (request.continue !== undefined) {
    const page = pinned.find(request.continue, key);
    return page.ok ? pageOf(page.value.list, page.value.from, { pinned, request }) : refused(page.error);
  }
  const selection = parseSelection(target, request);
  if (!selection.ok) return refused(selection.error);
  const items = selectObjects(state, selection.value);
  const list = { key, kind: selection.value.info.kind, position: state.position, items };
  return pageOf(list, 0, { pinned, request });
}

function pageOf(
  list: FullList,
  from: number,
  { pinned, request }: { readonly pinned: PinnedLists; readonly request: ApiRequest },
): ApiReply {
  const limit = Math.max(1, Math.min(maxPage, request.limit || maxPage));
  const items = fitting(list.items.slice(from, from + limit));
  const end = from + items.length;
  const remaining = list.items.length - end;
  return answered(list.position, {
    type: "list",
    kind: list.kind,
    items,
    ...(remaining > 0 && { continue: pinned.pin(list, end, request.continue), remaining }),
  });
}

/** As many of the objects as stay below `pageBytes`, at least one. Large ones are measured each, small ones by sample. */
function fitting(items: readonly ApiObject[]): readonly ApiObject[] {
  const sizes = items.slice(0, sampled).map((object) => encode(object).length);
  const largest = Math.max(0, ...sizes);
  if (largest * 4 * items.length <= pageBytes) return items;
  let bytes = 0;
  for (const [index, object] of items.entries()) {
    bytes += sizes[index] ?? encode(object).length;
    if (bytes > pageBytes && index > 0) return items.slice(0, index);
  }
  return items;
}
