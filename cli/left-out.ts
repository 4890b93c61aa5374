// Documents of kinds that Kubernetes has and Berth has not: they are left out, with a warning that names each, and
// keep nothing else of their files from being used. So are objects of kinds that the files themselves define.

import type { ManifestDocument } from "../client/mod.ts";
import { isRecord, whyLeftOut } from "../protocol/mod.ts";

export interface Parted {
  readonly documents: readonly ManifestDocument[];
  /** One warning each. */
  readonly leftOut: readonly string[];
}

export function partForeign(documents: readonly ManifestDocument[]): Parted {
  const defined = new Set(documents.flatMap(({ object }) => definedKind(object)));
  const kept: ManifestDocument[] = [];
  const leftOut: string[] = [];
  for (const document of documents) {
    const { apiVersion, kind, metadata } = document.object;
    const custom = defined.has(`${groupOf(apiVersion)}/${kind}`)
      ? `Berth has no ${kind}: kinds that manifests define are not served`
      : undefined;
    const why = whyLeftOut(apiVersion, kind) ?? custom;
    if (why === undefined) kept.push(document);
    else
      leftOut.push(
        `${kind} ${JSON.stringify(metadata.name ?? "")} is left out (${placeOf(document)}): ${why}`,
      );
  }
  return { documents: kept, leftOut };
}

const groupOf = (apiVersion: string): string => apiVersion.split("/").slice(0, -1).join("/");

/** `group/Kind` that a CustomResourceDefinition defines. */
function definedKind({ kind, spec }: ManifestDocument["object"]): readonly string[] {
  if (kind !== "CustomResourceDefinition" || !isRecord(spec)) return [];
  const { group, names } = spec;
  const name = isRecord(names) ? names["kind"] : undefined;
  return typeof group === "string" && typeof name === "string" ? [`${group}/${name}`] : [];
}

export const placeOf = ({ source, line, document, item }: ManifestDocument): string =>
  `${source}:${line}: document ${document}${item === undefined ? "" : `, item ${item}`}`;
