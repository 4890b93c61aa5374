// Which images go when the runtime's disk fills: those that no container needs, the ones longest out of use first.
// Pure. Only images that this agent pulled: an engine may be shared with people and other programs.
// (Source: kubelet's image garbage collection.)

export interface ImageGcSettings {
  /** Percent of the disk in use from which images are removed, and down to which. */
  readonly highPercent: number;
  readonly lowPercent: number;
  /** An image that was pulled more recently stays. */
  readonly minimumAgeMs: number;
  readonly intervalMs: number;
}

/** Kubelet's. */
export const defaultImageGc: ImageGcSettings = {
  highPercent: 85,
  lowPercent: 80,
  minimumAgeMs: 2 * 60_000,
  intervalMs: 5 * 60_000,
};

/** What is remembered of an image that was pulled, ms since 1970. */
export interface PulledImage {
  readonly id: string;
  readonly pulledAt: number;
  readonly usedAt: number;
}

export interface HeldImage extends PulledImage {
  readonly sizeBytes: number;
  readonly inUse: boolean;
}

export interface Disk {
  readonly available: number;
  readonly capacity: number;
}

/** How much is to be freed; 0 below the high mark. */
export function bytesToFree(
  { available, capacity }: Disk,
  { highPercent, lowPercent }: ImageGcSettings,
): number {
  if (capacity <= 0) return 0;
  const used = capacity - available;
  if ((100 * used) / capacity < highPercent) return 0;
  return Math.max(0, Math.ceil(used - (lowPercent / 100) * capacity));
}

/** In the order in which they go, until so much is freed. */
export function imagesToRemove(
  images: readonly HeldImage[],
  wantedBytes: number,
  { minimumAgeMs }: Pick<ImageGcSettings, "minimumAgeMs">,
  now: number,
): readonly HeldImage[] {
  const unused = images
    .filter(({ inUse, pulledAt }) => !inUse && now - pulledAt >= minimumAgeMs)
    .toSorted((one, other) => one.usedAt - other.usedAt || one.pulledAt - other.pulledAt);
  const chosen: HeldImage[] = [];
  let freed = 0;
  for (const image of unused) {
    if (freed >= wantedBytes) break;
    chosen.push(image);
    freed += image.sizeBytes;
  }
  return chosen;
}
