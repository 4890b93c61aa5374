// What a list or a watch selects: a kind, a namespace or all, perhaps one name, labels and fields.

import {
  type ApiObject,
  type ApiRequest,
  type ApiTarget,
  failure,
  groupToken,
  type KindInfo,
  kinds,
  matches,
  matchesFields,
  parseFieldSelector,
  parseSelector,
  type Result,
  success,
} from "../../protocol/mod.ts";

export interface Selection {
  readonly info: KindInfo;
  /** Absent: all namespaces, or a kind that has none. */
  readonly namespace?: string;
  selects(object: ApiObject): boolean;
}

/** By the exact plural and group alone: NATS permissions are written with them, so no other word may lead there. */
export function kindOfTarget({ group, resource }: ApiTarget): Result<KindInfo> {
  const info = kinds.find((known: KindInfo) => known.resource === resource && groupToken(known) === group);
  if (info) return success(info);
  const all = kinds.map((known: KindInfo) => `${groupToken(known)}.${known.resource}`).join(", ");
  return failure("NotFound", `there is no resource ${group}.${resource}; known: ${all}`);
}

export function parseSelection(target: ApiTarget, request: ApiRequest): Result<Selection> {
  const kind = kindOfTarget(target);
  if (!kind.ok) return kind;
  const info = kind.value;
  const { namespace, allNamespaces, name } = target;
  if (info.namespaced && namespace === undefined && !allNamespaces) {
    return failure("BadRequest", `${info.resource} live in namespaces: name one in the subject, or \`-\` for all`);
  }
  const labels = parseSelector(request.labelSelector ?? "");
  if (!labels.ok) return labels;
  const fields = parseFieldSelector(request.fieldSelector ?? "", info.kind);
  if (!fields.ok) return fields;
  return success({
    info,
    ...(info.namespaced && namespace !== undefined && { namespace }),
    selects: (object) =>
      (name === undefined || object.metadata.name === name) &&
      matches(labels.value, object.metadata.labels) &&
      matchesFields(fields.value, object),
  });
}
