// What is to be appended: the blocks of whole commands that make one commit, before it has a place in the stream.

import type { BerthEvent, Commit, Epoch, Position, Sequence } from "../../protocol/mod.ts";
import { commitHeadBytes, type EventBlock } from "./commit-codec.ts";

export interface Draft {
  readonly epoch: Epoch;
  readonly firstPosition: Position;
  readonly lastPosition: Position;
  readonly blocks: readonly EventBlock[];
  readonly bytes: number;
  /** A claim that is refused is given up; other drafts go behind whatever took their place. */
  readonly claim: boolean;
}

export function createDraft(
  epoch: Epoch,
  firstPosition: Position,
  blocks: readonly EventBlock[],
  claim = false,
): Draft {
  let count = 0;
  let bytes = commitHeadBytes;
  for (const block of blocks) {
    count += block.events.length;
    bytes += block.bytes.length;
  }
  const lastPosition = (firstPosition + count - 1) as Position;
  return { epoch, firstPosition, lastPosition, blocks, bytes, claim };
}

export const draftEvents = (draft: Draft): readonly BerthEvent[] => {
  const [only, ...more] = draft.blocks;
  return only && more.length === 0 ? only.events : draft.blocks.flatMap((block) => block.events);
};

export const commitOf = (draft: Draft, previous: Sequence): Commit => ({
  version: 1,
  epoch: draft.epoch,
  previous,
  firstPosition: draft.firstPosition,
  events: draftEvents(draft),
});
