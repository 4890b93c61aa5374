// Registers this agent: one request at a time, and another one after a pause that grows with each failure.
// What an answer means for the assignment is the agent's business.

import type { ActorContext, Bus } from "../actors/mod.ts";
import type { NodeName, Prefix, RegisterMessage } from "../protocol/mod.ts";
import type { AgentMessage } from "./agent-message.ts";
import { registerPause, requestRegistration } from "./registration.ts";

export interface RegistrarOptions {
  readonly context: ActorContext<AgentMessage>;
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly node: NodeName;
}

export class Registrar {
  readonly #options: RegistrarOptions;
  #asking = false;
  #failures = 0;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** No answer has come yet. */
  get asking(): boolean {
    return this.#asking;
  }

  /** The answer comes as a `registration` message; nothing happens while another one is waited for. */
  ask(message: () => RegisterMessage): void {
    if (this.#asking) return;
    this.#asking = true;
    const { context, bus, prefix, node } = this.#options;
    context.pipe(
      requestRegistration(bus, { prefix, node }, message()),
      (answer): AgentMessage => ({ type: "registration", answer }),
      (error): AgentMessage => ({
        type: "registration",
        answer: { type: "failed", message: error.message, refused: true },
      }),
    );
  }

  answered(): void {
    this.#asking = false;
  }

  accepted(): void {
    this.#failures = 0;
  }

  failed(reason: string, refused: boolean): void {
    this.#failures += 1;
    const delayMs = registerPause(this.#failures);
    const { logger, timers } = this.#options.context;
    if (refused || this.#failures === 1) logger.warn({ reason, delayMs }, "not registered yet");
    timers.once("register", delayMs, { type: "register" });
  }
}
