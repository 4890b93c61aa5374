// The read side of a master: lists, watches, events, why, status, and the live events as JSON.
export { keepReadWorker } from "./kept-worker.ts";
export type { PositionReply } from "./leader-position.ts";
export type { LiveStatus } from "./live-status.ts";
export { createReadSide } from "./read-side.ts";
export { type ReadWorker, startReadWorker } from "./read-worker.ts";
