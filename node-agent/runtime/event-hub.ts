// Hands a driver's events to its listeners. A listener that throws disturbs neither the driver nor the others.

import type { Logger } from "../../actors/mod.ts";
import type { RuntimeEvent } from "./runtime.ts";

export class EventHub {
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Returns the end of listening. The same function may listen twice: each call counts for itself. */
  listen(listener: (event: RuntimeEvent) => void): () => void {
    const own = (event: RuntimeEvent): void => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error({ error, event }, "a listener to runtime events failed");
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
