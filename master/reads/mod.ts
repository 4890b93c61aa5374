// The read side of a master: lists, watches, events, why, status, and the live events as JSON.
export { clusterKind, clusterName, type PublishedEvent } from "./event-publisher.ts";
export type { PositionReply } from "./leader-position.ts";
export type { LiveStatus, MasterPresence } from "./live-status.ts";
export { createReadSide, type ReadSide, type ReadSideOptions } from "./read-side.ts";
export { isRead } from "./read-target.ts";
export { type ReadWorker, type ReadWorkerOptions, startReadWorker } from "./read-worker.ts";
