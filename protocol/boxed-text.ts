// A value of a secret on its way between a client and a master: sealed to the receiver's key, in place of its base64.

import { isRecord } from "./objects/structure.ts";

export const boxedText = (box: Uint8Array): string =>
  `${prefix}${Buffer.from(box.buffer, box.byteOffset, box.byteLength).toString("base64url")}`;

/** Undefined for everything else; base64 has no colon, so it is never taken for one. */
export const boxOf = (text: string): Uint8Array | undefined =>
  text.startsWith(prefix) ? new Uint8Array(Buffer.from(text.slice(prefix.length), "base64url")) : undefined;

const prefix = "boxed:";

/** Under which words a client's values are sealed: only its own user's commands open them. */
export const requestBoxContext = (user: string): string => `request of ${user}`;
/** And the answer's values: none can be shown as another's. */
export const answerBoxContext = (uid: string, key: string): string => `${uid}/${key}`;

/** Where kubectl keeps a copy of a whole manifest, values and all: left out of secrets on both sides. */
export function withoutManifestCopy<Metadata extends { readonly annotations?: unknown }>(
  metadata: Metadata,
): Metadata {
  const { annotations } = metadata;
  if (!isRecord(annotations) || !(copyAnnotation in annotations)) return metadata;
  const { [copyAnnotation]: _copy, ...rest } = annotations;
  return { ...metadata, annotations: rest };
}
const copyAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
