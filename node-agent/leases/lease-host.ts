// What leases need of the host: a clock that runs while the host is suspended, a place for the record that the guard
// reads, and the guard itself, which is no part of the agent's process and outlives it.

import type { FenceAddress } from "../runtime/runtime.ts";

export interface LeaseHost {
  /** Milliseconds since the boot, suspension included (CLOCK_BOOTTIME). */
  uptimeMs(): number;
  /** Which boot that is. */
  readonly bootId: string;
  /** The newest record, of this agent or of one before it. */
  load(): string | undefined;
  /** Seen by the guard from now on. Survives the agent, not the host. */
  save(text: string): void;
  /** Starts the guard where none runs; it ends when the record is empty. */
  startGuard(fence: FenceAddress): void;
  /** True while a guard looks at the record. */
  guarded(): boolean;
}
