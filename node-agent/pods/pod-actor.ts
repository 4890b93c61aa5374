// One pod's actor: a thin shell around the state machine. It feeds events in, does what comes out, sets the timer,
// and says so when the status changed. When it stops, containers run on.

import type { Actor, ActorContext, ActorFactory } from "../../actors/mod.ts";
import type { AssignedPod, PodReport, Position } from "../../protocol/mod.ts";
import type { PreparedClaim } from "../volumes/claim-volumes.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { execute, failureOf } from "./execute.ts";
import type { ExecutionContext } from "./execution-context.ts";
import { awaitsEnd } from "./lifecycle.ts";
import type { PodAction, PodEvent } from "./pod-action.ts";
import type { PodHost } from "./pod-host.ts";
import { type Hold, initialPodState, type PodState } from "./pod-state.ts";
import { podStatus } from "./status.ts";

export type PodMessage = PodEvent;

export interface PodActorOptions {
  readonly host: PodHost;
  /** What is wanted now; asked again when the actor is made anew after a failure. */
  wanted(): AssignedPod;
  /** Whether something may be started. */
  held(): Hold;
  services(): Position;
  /** It knows nothing yet: the runtime has to be looked at for it. */
  started(): void;
  report(report: PodReport): void;
}

/** Longest sleep between looks at the clock: the wall clock may have been set. */
const longestSleepMs = 60_000;

export const wantedEvent = ({ pod, configs, stop }: AssignedPod): Extract<PodEvent, { type: "wanted" }> => ({
  type: "wanted",
  pod,
  ...(configs && { configs }),
  ...(stop && { stop }),
});

export const podActor =
  (options: PodActorOptions): ActorFactory<PodMessage> =>
  (context) =>
    new PodActor(options, context);

class PodActor implements Actor<PodMessage> {
  readonly #options: PodActorOptions;
  readonly #context: ActorContext<PodMessage>;
  readonly #starting = new AbortController();
  readonly #volumes = new Map<string, PreparedClaim>();
  readonly #stopping: ExecutionContext["stopping"] = new Map();
  #state: PodState;
  #reported = "";

  constructor(options: PodActorOptions, context: ActorContext<PodMessage>) {
    this.#options = options;
    this.#context = context;
    const wanted = options.wanted();
    const { uid, pod, configs, stop } = wanted;
    const now = context.clock.now();
    this.#state = initialPodState({
      uid,
      pod,
      held: options.held(),
      unleased: !options.host.mayStart(uid, pod),
      now,
      configs,
    });
    if (stop) this.#evolve(wantedEvent(wanted));
    options.started();
  }

  receive(event: PodMessage): void {
    this.#evolve(event);
    if (event.type === "observed") this.#claimAddress();
    if (this.#state.stop) this.#starting.abort();
    this.#act();
    this.#report();
  }

  #evolve(event: PodEvent): void {
    this.#state = evolve(this.#state, event, this.#context.clock.now(), this.#options.host.timing);
  }

  #claimAddress(): void {
    const { ip } = this.#state.sandbox;
    const hostNetwork = this.#state.pod.spec?.hostNetwork === true;
    if (ip && !hostNetwork && !this.#state.gone) this.#options.host.addresses?.claim(this.#state.uid, ip);
  }

  #act(): void {
    const { clock, timers } = this.#context;
    const now = clock.now();
    const { actions, look, wakeAt } = decide(this.#state, now, this.#options.host.timing);
    for (const action of actions) this.#begin(action);
    if (look) this.#options.host.look(this.#state.uid);
    if (wakeAt === undefined) timers.cancel("wake");
    else timers.once("wake", Math.min(longestSleepMs, Math.max(0, wakeAt - now)), { type: "tick" });
  }

  #begin(action: PodAction): void {
    const { host } = this.#options;
    this.#evolve({ type: "begun", action });
    const { clock } = this.#context;
    const execution: ExecutionContext = {
      host,
      state: this.#state,
      services: this.#options.services(),
      volumes: this.#volumes,
      claims: this.#options.wanted().volumes ?? [],
      stopping: this.#stopping,
      signal: this.#starting.signal,
    };
    this.#context.pipe(
      execute(action, execution),
      // What was looked up before this moment is older than the action's own outcome.
      (result): PodEvent => ({ type: "done", action, asOf: clock.monotonic(), result }),
      (error): PodEvent => {
        const failure = failureOf(error);
        if (failure.code !== "Aborted") {
          host.logger.warn({ pod: this.#name(), action: action.type, ...failure }, "pod action failed");
        }
        return { type: "failed", action, asOf: clock.monotonic(), ...failure };
      },
    );
  }

  #report(): void {
    const { host } = this.#options;
    // Before the first look nothing is known that the log does not know.
    if (!this.#state.observed || (awaitsEnd(this.#state) && !this.#state.gone)) return;
    const now = this.#context.clock.now();
    const { timing, hostIp, runtimeName } = host;
    const status = podStatus(this.#state, { hostIp, runtime: runtimeName, timing, now });
    this.#state = { ...this.#state, conditions: status.conditions ?? [] };
    const report: PodReport = { uid: this.#state.uid, status, ...(this.#state.gone && { gone: true }) };
    const text = JSON.stringify(report);
    if (text === this.#reported) return;
    this.#reported = text;
    this.#options.report(report);
  }

  #name(): string {
    const { name, namespace } = this.#state.pod.metadata ?? {};
    return `${namespace ?? ""}/${name ?? ""}`;
  }
}
