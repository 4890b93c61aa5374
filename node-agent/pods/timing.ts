// The waits of a pod's life cycle, in one place, so that tests can shorten them.
// Sources: Kubernetes "Pod lifecycle" (container restart policy, image pull back-off).

export interface PodTiming {
  /** Restart back-off: the first restart is immediate, then this, doubling. */
  readonly restartInitialMs: number;
  readonly restartMaxMs: number;
  /** A container that ran this long starts its back-off afresh. */
  readonly restartResetMs: number;
  readonly pullInitialMs: number;
  readonly pullMaxMs: number;
  /** For everything else that failed: sandboxes, volumes, removals. */
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  /** Between two looks at how much disk a pod's volumes take. */
  readonly measureMs: number;
}

export const defaultPodTiming: PodTiming = {
  restartInitialMs: 10_000,
  restartMaxMs: 300_000,
  restartResetMs: 600_000,
  pullInitialMs: 10_000,
  pullMaxMs: 300_000,
  retryInitialMs: 1_000,
  retryMaxMs: 30_000,
  measureMs: 10_000,
};

/** Kubernetes' default when a pod names none. */
export const defaultGraceSeconds = 30;

/** `initial` doubled once for each failure after the first, at most `max`. */
export const backOff = (initialMs: number, maxMs: number, failures: number): number =>
  Math.min(maxMs, initialMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
