// How many pods a rolling update may have too many or too few.

import { type Amount, amountOf } from "../cluster/mod.ts";

export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/**
 * Of a deployment: surge rounded up, unavailability down; if both come to nothing, one may be unavailable, as
 * otherwise no pod could ever be replaced (source: Kubernetes, ResolveFenceposts).
 */
export function deploymentBounds(
  rollingUpdate: { readonly maxSurge?: Amount; readonly maxUnavailable?: Amount } | undefined,
  wanted: number,
): Bounds {
  const maxSurge = amountOf(rollingUpdate?.maxSurge, wanted, Math.ceil);
  const unavailable = amountOf(rollingUpdate?.maxUnavailable, wanted, Math.floor);
  const maxUnavailable = maxSurge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, wanted) };
}

/** Of a daemon set on so many nodes: both are rounded up. */
export function daemonSetBounds(
  rollingUpdate: { readonly maxSurge?: Amount; readonly maxUnavailable?: Amount } | undefined,
  nodes: number,
): Bounds {
  const maxSurge = amountOf(rollingUpdate?.maxSurge, nodes, Math.ceil);
  const maxUnavailable = amountOf(rollingUpdate?.maxUnavailable ?? 1, nodes, Math.ceil);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}
