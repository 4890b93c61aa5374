// The log: what counts in it, appending to it, reading on.
export { emptyChain, link } from "./chain.ts";
export { type DecodeCommit, decodeCommit, encodeBlock, type EventBlock } from "./commit-codec.ts";
export { createDraft, type Draft } from "./draft.ts";
export { createJournal, type Journal, type News } from "./journal.ts";
export { placedEvents } from "./placed-events.ts";
