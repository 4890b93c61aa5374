// Which kind an API subject names, and whether a body agrees with its subject.

import {
  acceptsVersion,
  type ApiObject,
  type ApiTarget,
  apiVersionOf,
  failure,
  groupToken,
  type KindInfo,
  kindByWord,
  type Result,
  success,
} from "../../protocol/mod.ts";

export const defaultNamespace = "default";

export function targetKind({ group, resource }: ApiTarget): Result<KindInfo> {
  const info = kindByWord(resource);
  if (info && info.resource === resource && groupToken(info) === group) return success(info);
  const hint = info ? `; ${info.resource} are in group ${groupToken(info)}` : "";
  return failure("NotFound", `there is no resource ${resource} in group ${group}${hint}`);
}

/** The namespace that the target means: the subject's, else "default"; undefined for cluster-scoped kinds. */
export function targetNamespace(info: KindInfo, target: ApiTarget): Result<string | undefined> {
  if (target.allNamespaces) {
    return failure("BadRequest", "a change needs one namespace, found - for all of them");
  }
  if (info.namespaced) return success(target.namespace ?? defaultNamespace);
  if (target.namespace === undefined) return success(undefined);
  return failure("BadRequest", `${info.resource} are not in a namespace, found ${target.namespace}`);
}

export interface AgreedObject {
  readonly object: ApiObject;
  readonly namespace: string | undefined;
}

/** The body's object with the subject's namespace and name filled in; BadRequest where they disagree. */
export function agree(info: KindInfo, target: ApiTarget, object: ApiObject): Result<AgreedObject> {
  const { metadata } = object;
  if (object.kind !== info.kind || !acceptsVersion(info, object.apiVersion)) {
    return disagree("kind", `${apiVersionOf(info)} ${info.kind}`, `${object.apiVersion} ${object.kind}`);
  }
  if (target.name !== undefined && metadata.name !== undefined && metadata.name !== target.name) {
    return disagree("metadata.name", target.name, metadata.name);
  }
  const found = metadata.namespace;
  if (!info.namespaced) {
    const namespace = targetNamespace(info, target);
    if (!namespace.ok) return namespace;
    return success({ object: withMeta(object, { name: target.name }), namespace: undefined });
  }
  if (target.allNamespaces)
    return failure("BadRequest", "a change needs one namespace, found - for all of them");
  if (target.namespace !== undefined && found !== undefined && found !== target.namespace) {
    return disagree("metadata.namespace", target.namespace, found);
  }
  const namespace = target.namespace ?? found ?? defaultNamespace;
  return success({ object: withMeta(object, { namespace, name: target.name }), namespace });
}

function withMeta(
  object: ApiObject,
  { namespace, name }: { namespace?: string; name: string | undefined },
): ApiObject {
  const metadata = {
    ...object.metadata,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
  return { ...object, metadata };
}

const disagree = (field: string, subject: string, body: string): Result<never> =>
  failure("BadRequest", `${field}: the subject says ${subject}, the body says ${body}; they must agree`);
