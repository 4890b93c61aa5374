// The rule that says which stored commits count. The stream's sequence guard alone is not enough: when a rival's
// message takes the place of B in A, B, C, D, the server stores C and D all the same. Every reader applies this rule.

import {
  type Commit,
  type Epoch,
  epochZero,
  type Position,
  positionZero,
  type Sequence,
  sequenceZero,
} from "../../protocol/mod.ts";

/** Where an accepted prefix of the log ends. */
export interface Chain {
  /** Epoch of the leadership whose commits count; 0 before the first claim. */
  readonly epoch: Epoch;
  /** Stream sequence of the last accepted commit; 0 before the first. */
  readonly last: Sequence;
  /** Position of the last accepted event. */
  readonly position: Position;
  /** Stored commits that did not count. */
  readonly skipped: number;
}

export type Link =
  | { readonly accepted: true; readonly chain: Chain; readonly claim: boolean }
  | { readonly accepted: false; readonly chain: Chain; readonly reason: string };

export const emptyChain: Chain = {
  epoch: epochZero,
  last: sequenceZero,
  position: positionZero,
  skipped: 0,
};

/**
 * Judges the commit stored at `sequence`. It counts if and only if
 * - `previous` is the sequence of the last accepted commit and `firstPosition` follows its last event, and
 * - it is of the current epoch and claims nothing; or it is a claim: it holds exactly one LeaderElected, whose epoch
 *   is the commit's own and one above the current.
 * The log's first commit must begin with LogCreated.
 */
export function link(chain: Chain, sequence: Sequence, commit: Commit): Link {
  const reason = whyNot(chain, commit);
  if (reason !== undefined) {
    return { accepted: false, chain: { ...chain, skipped: chain.skipped + 1 }, reason };
  }
  const position = (commit.firstPosition + commit.events.length - 1) as Position;
  return {
    accepted: true,
    claim: commit.epoch !== chain.epoch,
    chain: { epoch: commit.epoch, last: sequence, position, skipped: chain.skipped },
  };
}

/** Counts a stored message that is no commit at all. */
export const skipped = (chain: Chain): Chain => ({ ...chain, skipped: chain.skipped + 1 });

function whyNot(chain: Chain, commit: Commit): string | undefined {
  if (commit.previous !== chain.last) {
    return `it follows sequence ${commit.previous}, the last accepted is ${chain.last}`;
  }
  if (commit.firstPosition !== chain.position + 1) {
    return `it starts at position ${commit.firstPosition}, expected ${chain.position + 1}`;
  }
  const [first] = commit.events;
  if (first === undefined) return "it holds no events";
  if (chain.position === 0 && first.type !== "LogCreated") return "the log's first event must be LogCreated";
  let claims = 0;
  let claimed = 0;
  for (const event of commit.events) {
    if (event.type !== "LeaderElected") continue;
    claims++;
    claimed = event.epoch;
  }
  if (claims === 0) {
    return commit.epoch === chain.epoch && chain.epoch > 0
      ? undefined
      : `its epoch is ${commit.epoch}, the current one is ${chain.epoch}`;
  }
  if (claims > 1) return `it holds ${claims} claims`;
  return claimed === commit.epoch && claimed === chain.epoch + 1
    ? undefined
    : `it claims epoch ${claimed} in epoch ${commit.epoch}, the current one is ${chain.epoch}`;
}
