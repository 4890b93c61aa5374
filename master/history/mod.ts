// History: where everything happened, what led to it, and how it looked; read from the log itself.
export { EventReader } from "./event-reader.ts";
export { fittingPage } from "./fitting-page.ts";
export { HistoryIndex, type ObjectEntry } from "./history-index.ts";
export { lastKnown } from "./last-known.ts";
export { listEvents } from "./list-events.ts";
export { why } from "./why.ts";
