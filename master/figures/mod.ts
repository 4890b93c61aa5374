// Figures that are not in the log: usage and metrics.
export { Figures, type MetricReading, type NodeFigures } from "./figures.ts";
export { listenToFigures } from "./listen.ts";
