// `berth apply --prune`: deletes what the same field manager applied before and no manifest has any more. What other
// managers, controllers or `create` made is never touched.

import { type ApiObject, BerthError, type BerthClient } from "../../client/mod.ts";
import {
  apiVersionOf,
  groupToken,
  type KindInfo,
  kindInfo,
  kinds,
  type KindName,
} from "../../protocol/mod.ts";
import { type DryRunFlags, dryRunNote, dryRunOf } from "../dry-run.ts";
import { berthErrorText, UsageError } from "../errors.ts";
import { exitCodes } from "../io.ts";
import { nameOf } from "../output.ts";
import type { Session } from "../session.ts";

export interface PruneFlags extends DryRunFlags {
  readonly prune?: boolean;
  readonly pruneAllowlist?: readonly string[];
  readonly selector?: string;
  readonly all?: boolean;
  readonly fieldManager?: string;
  readonly output?: string;
}

/** Never by default: a namespace takes everything in it along, nodes are no manifest's. */
const spared: ReadonlySet<string> = new Set(["Node", "Namespace", "ControllerRevision", "Endpoints"]);

export async function prune(
  session: Session,
  applied: readonly ApiObject[],
  flags: PruneFlags,
): Promise<number> {
  const client = await session.client();
  const kept = new Set(applied.map(identity));
  const namespaces = new Set(
    applied.flatMap(({ metadata }) => metadata.namespace ?? []).concat(session.namespace),
  );
  let failed = false;
  for (const kind of prunedKinds(flags.pruneAllowlist)) {
    for (const object of await appliedBefore(client, { session, kind, namespaces, flags })) {
      if (kept.has(identity(object))) continue;
      failed = !(await deleteOne(session, client, object, flags)) || failed;
    }
  }
  return failed ? exitCodes.failed : exitCodes.done;
}

const identity = ({ kind, metadata }: ApiObject): string =>
  JSON.stringify([kind, kindInfo(kind)?.namespaced ? (metadata.namespace ?? "default") : "", metadata.name]);

function prunedKinds(allowlist: readonly string[] | undefined): readonly KindName[] {
  if (!allowlist) return kinds.filter(({ kind }) => !spared.has(kind)).map(({ kind }) => kind);
  return allowlist.map((text) => {
    const wanted = kinds.find((info: KindInfo) => {
      const version = info.group === "" ? `${groupToken(info)}/${info.version}` : apiVersionOf(info);
      return `${version}/${info.kind}`.toLowerCase() === text.toLowerCase();
    });
    if (wanted) return wanted.kind;
    throw new UsageError(
      `--prune-allowlist takes group/version/kind, such as core/v1/Pod or apps/v1/Deployment; found ${JSON.stringify(text)}`,
    );
  });
}

interface Where {
  readonly session: Session;
  readonly kind: KindName;
  readonly namespaces: ReadonlySet<string>;
  readonly flags: PruneFlags;
}

/** Objects that this field manager applied; those that it only changed, or that others applied, are not. */
async function appliedBefore(
  client: BerthClient,
  { session, kind, namespaces, flags }: Where,
): Promise<readonly ApiObject[]> {
  const places = kindInfo(kind)?.namespaced ? [...namespaces] : ["default"];
  const found: ApiObject[] = [];
  for (const namespace of places) {
    const listed = await client.list(kind, {
      namespace,
      signal: session.signal,
      ...(flags.selector && { labelSelector: flags.selector }),
    });
    found.push(...listed);
  }
  return found.filter(({ metadata }) =>
    (metadata.managedFields ?? []).some(
      ({ manager, operation }) => operation === "Apply" && manager === flags.fieldManager,
    ),
  );
}

async function deleteOne(
  session: Session,
  client: BerthClient,
  object: ApiObject,
  flags: PruneFlags,
): Promise<boolean> {
  const { name = "", namespace, uid } = object.metadata;
  const mode = dryRunOf(flags);
  const known = kinds.find(({ kind }) => kind === object.kind);
  if (!known) return false;
  try {
    if (mode !== "client") {
      await client.delete(known.kind, name, {
        signal: session.signal,
        ...(namespace !== undefined && { namespace }),
        ...(uid !== undefined && { uid }),
        ...(mode === "server" && { dryRun: true }),
      });
    }
    await session.out(`${nameOf(object)} pruned${dryRunNote(mode)}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    if (error.code === "NotFound") return true;
    await session.err(`${berthErrorText(error)}\n`);
    return false;
  }
}
