// Which TypeScript type stands behind each kind's name, so that `client.list("Pod")` gives pods.
// What the wire brings is narrowed by its `kind` and never cast.

import {
  type ApiObject,
  BerthError,
  isKind,
  type KindName,
  type KindTypes,
  type ObjectMeta,
} from "../protocol/mod.ts";

/** An object as the cluster answers it: always with metadata. */
export type Stored<K extends KindName> = ApiObject & KindTypes[K] & { readonly metadata: ObjectMeta };
/** Kinds that have a number of replicas, as `scale` sets it. */
const scalableKinds = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"] as const;
export type ScalableKind = (typeof scalableKinds)[number];
export const isScalable = (kind: KindName): kind is ScalableKind =>
  scalableKinds.some((scalable) => scalable === kind);

/** Anything that may be sent: a typed manifest, or an object that was read from a file. */
export type Manifest = KindTypes[KindName] | ApiObject;
/** The stored type that belongs to a manifest's type. */
export type StoredOf<M> = M extends { readonly kind: infer K }
  ? K extends KindName
    ? Stored<K>
    : ApiObject
  : ApiObject;

/** Narrows an object of the wire; throws Internal when the cluster answered with another kind. */
export function asKind<K extends KindName>(kind: K, object: ApiObject): Stored<K> {
  if (isKind(object, kind)) return object;
  throw new BerthError({
    code: "Internal",
    message: `asked for a ${kind}, and the cluster answered with kind ${JSON.stringify(object.kind)}`,
  });
}

const isStoredOf = <M extends Manifest>(manifest: M, object: ApiObject): object is StoredOf<M> & ApiObject =>
  object.kind === manifest.kind;

/** Narrows the answer to a mutation by the kind of what was sent. */
export function asStoredOf<M extends Manifest>(manifest: M, object: ApiObject): StoredOf<M> {
  if (isStoredOf(manifest, object)) return object;
  throw new BerthError({
    code: "Internal",
    message: `sent a ${manifest.kind}, and the cluster answered with kind ${JSON.stringify(object.kind)}`,
  });
}

/** A manifest in the shape of the wire. */
export function asApiObject(manifest: Manifest): ApiObject {
  return { ...manifest, metadata: manifest.metadata ?? {} };
}
