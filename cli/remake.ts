// Deleting an object and making it anew, as `--force` has it: what can't be changed in place is changed all the same.

import {
  type ApiObject,
  type ApplyOptions,
  BerthError,
  type BerthClient,
  type KindName,
  type Mutation,
} from "../client/mod.ts";
import { kinds } from "../protocol/mod.ts";
import { type DeletionFlags, deletionOptions } from "./deletion-flags.ts";
import type { Session } from "./session.ts";

/** Killed at once unless a grace period was given. What was there comes back when the new one is refused. */
export async function remake(
  session: Session,
  client: BerthClient,
  object: ApiObject,
  { flags, options }: { readonly flags: DeletionFlags; readonly options: ApplyOptions },
): Promise<Mutation<ApiObject>> {
  // Nothing is deleted for what could not be made anyway.
  const { name: _name, ...unnamed } = object.metadata;
  await client.create(fresh({ ...object, metadata: { ...unnamed, generateName: "anew-" } }), {
    ...options,
    dryRun: true,
  });
  const former = await taken(session, client, object, flags);
  const { namespace = session.namespace } = object.metadata;
  try {
    return await client.create(fresh(object), { ...options, namespace });
  } catch (error) {
    // Also after Ctrl-C, whose signal must not stop this.
    if (former) await client.create(fresh(former), { namespace });
    throw error;
  }
}

/** Deleted and gone; undefined when there was none. */
async function taken(
  session: Session,
  client: BerthClient,
  { kind, metadata }: ApiObject,
  flags: DeletionFlags,
): Promise<ApiObject | undefined> {
  const known = kinds.find((info) => info.kind === kind);
  if (!known || metadata.name === undefined) return undefined;
  const { signal } = session;
  const { timeoutMs } = session.settings;
  const where = { namespace: metadata.namespace ?? session.namespace, signal };
  try {
    const former = await client.get<KindName>(known.kind, metadata.name, where);
    const how = deletionOptions(session, { ...flags, force: flags.gracePeriod === undefined });
    const { object: gone } = await client.delete(known.kind, metadata.name, { ...how, ...where });
    await client.waitGone([gone], { signal, ...(timeoutMs && { timeoutMs }) });
    return former;
  } catch (error) {
    if (error instanceof BerthError && error.code === "NotFound") return undefined;
    throw error;
  }
}

/** Without what the cluster wrote: a version of what has gone would be a conflict with what is not there. */
function fresh({ status: _status, metadata, ...rest }: ApiObject): ApiObject {
  const { name, generateName, namespace, labels, annotations, ownerReferences, finalizers } = metadata;
  const kept = { name, generateName, namespace, labels, annotations, ownerReferences, finalizers };
  return {
    ...rest,
    metadata: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
  };
}
