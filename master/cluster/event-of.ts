// Names one member of the union of events.

import type { BerthEvent, EventType, Positioned } from "../../protocol/mod.ts";

export type EventOf<T extends EventType> = Positioned<Extract<BerthEvent, { readonly type: T }>>;
