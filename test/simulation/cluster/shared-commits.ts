// What masters decode of a stored commit, decoded once for all of them. The oracle decodes for itself, so a master that
// changed what it shares would differ from it.

import { type DecodeCommit, decodeCommit } from "../../../master/mod.ts";

export function sharedCommits(): DecodeCommit {
  const known = new WeakMap<Uint8Array, ReturnType<DecodeCommit>>();
  return (data) => {
    const before = known.get(data);
    if (before) return before;
    const decoded = decodeCommit(data);
    known.set(data, decoded);
    return decoded;
  };
}
