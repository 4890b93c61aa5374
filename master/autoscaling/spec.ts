// Typed views of a stored autoscaler. Values were validated and defaulted before they were stored.

import type { ApiObject, HorizontalPodAutoscaler, Position } from "../../protocol/mod.ts";
import type { ObjectRow } from "../cluster/mod.ts";

export type AutoscalerSpec = NonNullable<HorizontalPodAutoscaler["spec"]>;
export type MetricSpec = NonNullable<AutoscalerSpec["metrics"]>[number];
type Status = NonNullable<HorizontalPodAutoscaler["status"]>;
export type MetricStatus = NonNullable<Status["currentMetrics"]>[number];
export type Condition = NonNullable<Status["conditions"]>[number];

/** One change of the target's replicas by this autoscaler: what policies count within their periods. */
export interface ScaleEvent {
  readonly at: string;
  readonly from: number;
  readonly to: number;
}

/** Kubernetes' status, and what a new leader has to know of the past: see docs/adr on autoscalers. */
export type AutoscalerStatus = Status & {
  /** Event that the present spec came with: the cause of what is done. */
  readonly specifiedBy?: Position;
  readonly scaled?: readonly ScaleEvent[];
  /** Former recommendations hold the target back; the newest known one like its present size. */
  readonly held?: { readonly since: string };
};

export const autoscalerSpecOf = (value: ApiObject): AutoscalerSpec => value.spec as AutoscalerSpec;
export const autoscalerStatusOf = ({ status }: ObjectRow): Partial<AutoscalerStatus> => status;
