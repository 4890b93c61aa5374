// What a list or a watch selects: a kind, a namespace or all, perhaps one name, labels and fields.

import {
  type ApiObject,
  type ApiRequest,
  type ApiTarget,
  type KindInfo,
  matches,
  matchesFields,
  parseFieldSelector,
  parseSelector,
  type Result,
  success,
} from "../../protocol/mod.ts";
import { defaultNamespace, targetKind } from "../api/target-kind.ts";

export interface Selection {
  readonly info: KindInfo;
  /** Absent: all namespaces, or a kind that has none. */
  readonly namespace?: string;
  selects(object: ApiObject): boolean;
}

export function parseSelection(target: ApiTarget, request: ApiRequest): Result<Selection> {
  const kind = targetKind(target);
  if (!kind.ok) return kind;
  const info = kind.value;
  const { allNamespaces, name } = target;
  const namespace = info.namespaced && !allNamespaces ? (target.namespace ?? defaultNamespace) : undefined;
  const labels = parseSelector(request.labelSelector ?? "");
  if (!labels.ok) return labels;
  const fields = parseFieldSelector(request.fieldSelector ?? "", info.kind);
  if (!fields.ok) return fields;
  return success({
    info,
    ...(namespace !== undefined && { namespace }),
    selects: (object) =>
      (name === undefined || object.metadata.name === name) &&
      matches(labels.value, object.metadata.labels) &&
      matchesFields(fields.value, object),
  });
}
