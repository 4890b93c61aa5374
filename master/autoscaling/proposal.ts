// What one metric asks for, and what that is worked out from.

import type { Measures } from "./measures.ts";
import type { Tolerances } from "./replicas-for-usage.ts";
import type { ScaleTarget } from "./scale-target.ts";
import type { MetricStatus } from "./spec.ts";

export interface Proposing {
  readonly namespace: string;
  readonly target: ScaleTarget;
  readonly tolerances: Tolerances;
  readonly measures: Measures;
  readonly now: number;
}

export type Proposal =
  | {
      readonly ok: true;
      readonly replicas: number;
      /** As Kubernetes names it in messages. */
      readonly name: string;
      /** `cpu 140% of 80%`. */
      readonly text: string;
      readonly status: MetricStatus;
    }
  | { readonly ok: false; readonly reason: string; readonly message: string };
