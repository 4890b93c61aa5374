// The events of a commit that was read, with their positions: what a fold takes. Hot: a copy of every event would be a
// tenth of a replay, so positions are added in place, to events that were just decoded: whoever shares them has the same positions.

import type { BerthEvent, Commit, Position, Positioned } from "../../protocol/mod.ts";

type Placing = BerthEvent & { position?: Position };

export function placedEvents({ events, firstPosition }: Commit): readonly Positioned[] {
  const placed: Positioned[] = [];
  let position: number = firstPosition;
  for (const event of events) {
    const placing: Placing = event;
    placing.position = position++ as Position;
    if (isPlaced(placing)) placed.push(placing);
  }
  return placed;
}

const isPlaced = (event: Placing): event is Placing & Positioned => event.position !== undefined;
