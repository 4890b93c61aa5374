// Lists: what to select, and all pages of it at one position.

import {
  type ApiObject,
  type ApiRequest,
  BerthError,
  groupToken,
  type KindInfo,
  type Position,
} from "../protocol/mod.ts";
import type { CallOptions, Requester, Target } from "./requester.ts";

/** Objects asked for in one reply; a longer list comes in pages, all at the first one's position. */
export const pageSize = 500;

export interface Selection extends CallOptions {
  /** Default: "default", for kinds that have namespaces. */
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  /** Equality and set based: `app=web,tier in (a,b),!canary`. */
  readonly labelSelector?: string;
  /** `metadata.name=x`, `spec.nodeName=n1`, `status.phase!=Running`. */
  readonly fieldSelector?: string;
}

export interface Listed<T = ApiObject> {
  readonly items: readonly T[];
  readonly position: Position;
  readonly warnings: readonly string[];
}

export const defaultNamespace = "default";

/** Where a request about a kind goes, without verb. */
export function targetOf(
  info: KindInfo,
  { namespace, allNamespaces }: { readonly namespace?: string; readonly allNamespaces?: boolean },
): Omit<Target, "verb"> {
  const where = allNamespaces ? { allNamespaces: true } : { namespace: namespace ?? defaultNamespace };
  return { group: groupToken(info), resource: info.resource, ...(info.namespaced && where) };
}

/** Every page. When the pages expire midway (`Expired`), it starts again once. */
export async function listAll(requester: Requester, info: KindInfo, selection: Selection): Promise<Listed> {
  try {
    return await listPages(requester, info, selection);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "Expired") throw error;
    return await listPages(requester, info, selection);
  }
}

/** Every page, in one pass. */
export async function listPages(requester: Requester, info: KindInfo, selection: Selection): Promise<Listed> {
  const { labelSelector, fieldSelector } = selection;
  const target: Target = { ...targetOf(info, selection), verb: "list" };
  const items: ApiObject[] = [];
  const warnings = new Set<string>();
  let next: string | undefined;
  for (;;) {
    const request: ApiRequest = {
      limit: pageSize,
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
      ...(next && { continue: next }),
    };
    const reply = await requester.call(target, request, selection);
    if (reply.type !== "list") {
      throw new BerthError({ code: "Internal", message: `asked for a list, got a ${reply.type}` });
    }
    items.push(...reply.items);
    for (const warning of reply.warnings ?? []) warnings.add(warning);
    if (!reply.continue) return { items, position: reply.position, warnings: [...warnings] };
    next = reply.continue;
  }
}
