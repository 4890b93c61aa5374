// Requests that came while another master led. If that one died before it answered, whoever leads next still can,
// as long as the asker waits: so a change of leaders costs a read some time and not its answer.

import type { Clock } from "../../actors/mod.ts";

/** Longer than askers wait for one try is of no use. */
export const heldMs = 2000;
export const maxHeld = 512;

export class HeldRequests<Request> {
  readonly #clock: Clock;
  #held: { readonly request: Request; readonly at: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  hold(request: Request): void {
    this.#held.push({ request, at: this.#clock.monotonic() });
    // Dropped in halves, so that holding costs nothing while nobody takes over.
    if (this.#held.length > maxHeld) this.#held = this.#held.slice(-maxHeld / 2);
  }

  /** Those whose askers may still wait; nothing is held afterwards. */
  take(): readonly Request[] {
    const since = this.#clock.monotonic() - heldMs;
    const taken = this.#held.filter(({ at }) => at >= since).map(({ request }) => request);
    this.#held = [];
    return taken;
  }
}
