// What `berth wait --for` awaits, and whether an object meets it.

import type { ApiObject } from "../client/mod.ts";
import { UsageError } from "./errors.ts";
import { find } from "./jsonpath/find.ts";
import { valueText } from "./jsonpath/render.ts";
import { parseRelaxedPath, type Path } from "./jsonpath/template.ts";

export type Awaited =
  | { readonly type: "delete" }
  | { readonly type: "create" }
  | { readonly type: "condition"; readonly name: string; readonly status: string }
  /** Without `value`: there must be one. */
  | { readonly type: "jsonpath"; readonly path: Path; readonly value: string | undefined };

export function parseAwaited(text: string): Awaited {
  if (text === "delete" || text === "create") return { type: text };
  const [, name, status = "True"] = /^condition=([^=]+)(?:=(.+))?$/.exec(text) ?? [];
  if (name) return { type: "condition", name, status };
  const [, path, value] = /^jsonpath=(['"]?\{[^]*?\}['"]?)(?:=([^]*))?$/.exec(text) ?? [];
  if (path) {
    return {
      type: "jsonpath",
      path: parseRelaxedPath(path.replace(/^['"]|['"]$/g, "")),
      value: unquoted(value),
    };
  }
  throw new UsageError(
    `--for takes condition=NAME, condition=NAME=VALUE, jsonpath='{.path}'=VALUE, jsonpath='{.path}', create or delete, found ${JSON.stringify(text)}`,
  );
}

function unquoted(value: string | undefined): string | undefined {
  if (value === "") throw new UsageError("--for=jsonpath='{…}'= needs a value, or nothing after the braces");
  return value?.replace(/^(['"])([^]*)\1$/, "$2");
}

/** Whether an object that exists is as awaited. */
export function meets(object: ApiObject, awaited: Exclude<Awaited, { type: "delete" }>): boolean {
  switch (awaited.type) {
    case "create":
      return true;
    case "condition":
      return hasCondition(object, awaited);
    case "jsonpath": {
      const values = find(awaited.path, object).map(valueText);
      if (values.length > 1) {
        throw new UsageError(`the path finds ${values.length} values, and one is needed`);
      }
      const [value = ""] = values;
      return awaited.value === undefined ? value !== "" : value === awaited.value;
    }
  }
}

const path = (text: string): Path => parseRelaxedPath(text);
const paths = {
  replicas: path(".spec.replicas"),
  ready: path(".status.readyReplicas"),
  observed: path(".status.observedGeneration"),
  conditions: path(".status.conditions[*]"),
  type: path(".type"),
  status: path(".status"),
  observedByCondition: path(".observedGeneration"),
};

/** Nodes, pods, jobs and deployments have conditions; of the older workloads `Ready` means that every replica is. */
function hasCondition(object: ApiObject, { name, status }: { name: string; status: string }): boolean {
  const generation = object.metadata.generation;
  const isCurrent = (seen: unknown): boolean =>
    seen === undefined || generation === undefined || seen === generation;
  if (object.kind === "ReplicationController" || object.kind === "ReplicaSet") {
    const [wanted = 1] = find(paths.replicas, object);
    const [ready = 0] = find(paths.ready, object);
    const current = isCurrent(find(paths.observed, object)[0]);
    return isSame(name, "Ready") && isSame(String(wanted === ready && current), status);
  }
  return find(paths.conditions, object).some((condition) => {
    const [found] = find(paths.type, condition);
    const [state] = find(paths.status, condition);
    const current = isCurrent(find(paths.observedByCondition, condition)[0]);
    return current && isSame(valueText(found), name) && isSame(valueText(state), status);
  });
}
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
