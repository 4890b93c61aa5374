// How objects are to end: grace, force and what becomes of their dependents, in kubectl's words.

import type { DeleteOptions } from "../client/mod.ts";
import { UsageError } from "./errors.ts";
import type { Session } from "./session.ts";
import { wholeNumberFlag } from "./settings.ts";

export interface DeletionFlags {
  readonly gracePeriod?: string;
  readonly force?: boolean;
  readonly now?: boolean;
  readonly cascade: string;
}

const policies = {
  background: "Background",
  true: "Background",
  foreground: "Foreground",
  orphan: "Orphan",
  false: "Orphan",
} as const;

export function deletionOptions(session: Session, flags: DeletionFlags): DeleteOptions {
  const policy = Object.entries(policies).find(([word]) => word === flags.cascade.toLowerCase())?.[1];
  if (!policy)
    throw new UsageError(`--cascade takes background, foreground or orphan, found ${flags.cascade}`);
  const given =
    flags.gracePeriod === undefined ? undefined : wholeNumberFlag("--grace-period", flags.gracePeriod, -1);
  if (given === 0 && !flags.force)
    throw new UsageError("--grace-period=0 kills at once; add --force if you want that");
  if (flags.now && given !== undefined) throw new UsageError("--now is --grace-period=1: give one of them");
  const grace = flags.force ? (given ?? 0) : flags.now ? 1 : given;
  return {
    signal: session.signal,
    propagationPolicy: policy,
    ...(grace !== undefined && grace >= 0 && { gracePeriodSeconds: grace }),
  };
}
