// Single objects as a command names them: by words, or by the manifests that hold them.

import type { KindName } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { type FileFlags, readManifestFiles } from "./manifest-files.ts";
import { kindOf, parseNamedArgs } from "./resource-args.ts";
import type { Session } from "./session.ts";

export interface NamedObject {
  readonly kind: KindName;
  readonly name: string;
  readonly namespace: string;
}

export async function namedObjects(
  session: Session,
  args: readonly string[],
  flags: FileFlags,
): Promise<readonly NamedObject[]> {
  const { namespace } = session;
  if (!flags.filename) return parseNamedArgs(args).map(({ kind, name }) => ({ kind, name, namespace }));
  if (args.length > 0) throw new UsageError("give names or -f, not both");
  const { documents, problems, leftOut } = await readManifestFiles(flags, session.io);
  await session.warn(leftOut);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return documents.map(({ object: { kind, metadata } }) => ({
    kind: kindOf(kind),
    name: metadata.name ?? "",
    namespace: metadata.namespace ?? namespace,
  }));
}
