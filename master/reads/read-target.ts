// Which API requests are reads, and which question each of them asks.

import { type ApiTarget, failure, mutatingVerbs, type Result, success } from "../../protocol/mod.ts";

export type Question =
  | "object"
  | "list"
  | "watch"
  | "why"
  | "history"
  | "events"
  | "status"
  | "sealing-key"
  | "usage";

/** Streams that `get` opens (logs, and exec by some clients); the turn's side of the master sees to them. */
const streamingSubresources: ReadonlySet<string> = new Set(["log", "exec", "attach", "portforward"]);

/** False for what the turn's side answers: mutations and streams. */
export const isRead = ({ verb, subresource }: ApiTarget): boolean =>
  !mutatingVerbs.has(verb) && !(subresource !== undefined && streamingSubresources.has(subresource));

/** Kubernetes' group of what nodes and pods use. */
export const usageGroup = "metrics.k8s.io";

/** Group of what is no object: status and events. */
export const berthGroup = "berth";

export const isStatus = ({ verb, group, resource }: ApiTarget): boolean =>
  group === berthGroup && resource === "status" && verb === "get";

/** MethodNotSupported for a combination that means nothing. */
export function questionOf(target: ApiTarget): Result<Question> {
  const { verb, group, resource, subresource } = target;
  const nothing = failure<Question>(
    "MethodNotSupported",
    `there is no ${verb} of ${[group, resource, subresource].filter(Boolean).join(".")}`,
  );
  if (group === berthGroup) {
    if (isStatus(target)) return success("status");
    if (resource === "events" && verb === "list") return success("events");
    if (resource === "sealing-key" && verb === "get") return success("sealing-key");
    return nothing;
  }
  if (group === usageGroup) {
    const isKnown = resource === "nodes" || resource === "pods";
    const isAsked = (verb === "get" || verb === "list") && subresource === undefined;
    return isKnown && isAsked ? success("usage") : nothing;
  }
  if (verb === "list" || verb === "watch") return subresource === undefined ? success(verb) : nothing;
  if (verb !== "get") return nothing;
  if (subresource === undefined || subresource === "status") return success("object");
  return subresource === "why" || subresource === "history" ? success(subresource) : nothing;
}
