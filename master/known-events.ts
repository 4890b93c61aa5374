// Events that this version cannot fold: a newer Berth wrote them. A master that meets one stops folding and may not claim.

import { type BerthEvent, type Commit, eventVersions } from "../protocol/mod.ts";

const known = new Map<string, number>(Object.entries(eventVersions));

/** The first event of the commit that this version cannot fold. */
export const unknownEvent = (commit: Commit): BerthEvent | undefined =>
  commit.events.find(({ type, version }) => !(version <= (known.get(type) ?? 0)));

export const whyUnknown = ({ type, version }: BerthEvent): string =>
  `event ${type} version ${version} is newer than this master; upgrade it`;
