// One actor's life: its mailbox, its incarnations, its children and its end. Everything else sees only its ref.

import type {
  Actor,
  ActorFactory,
  ActorRef,
  Directive,
  SpawnOptions,
  StopReason,
  Supervisor,
} from "../actor.ts";
import type { Cancel, Logger, World } from "../world.ts";
import { assertNever } from "./assert-never.ts";
import { Children } from "./children.ts";
import { CellContext } from "./context.ts";
import type { Dispatcher, Runnable } from "./dispatcher.ts";
import { Mailbox } from "./mailbox.ts";
import { defaultRestartWindowMs, RestartCount, restartWithBackOff } from "./supervision.ts";
import { LocalRef } from "./local-ref.ts";
import type { TimerTicket } from "./timers.ts";

const defaultMailboxLimit = 1_024;
/** How long an end waits for the present message and for `stopped`: longer is reported, and not waited for. */
const stopLimitMs = 10_000;

/** What a cell needs of the one above it: a cell, or the system. */
export interface CellParent {
  readonly children: Children;
  escalate(error: Error): void;
}

export interface CellSettings<Message> {
  readonly name: string;
  readonly parent: CellParent;
  readonly factory: ActorFactory<Message>;
  readonly options: SpawnOptions;
  readonly world: World;
  readonly dispatcher: Dispatcher;
}

/** Makes a child of `settings.parent` and starts it. Throws on a name that is illegal or taken. */
export function spawnCell<Message>(settings: CellSettings<Message>): ActorRef<Message> {
  const { name, parent } = settings;
  const cell = new Cell(settings, parent.children.pathOf(name));
  parent.children.add(name, cell);
  cell.watch(() => parent.children.remove(name));
  cell.start();
  return cell.ref;
}

type Phase = "starting" | "running" | "restarting" | "stopping" | "stopped";

export class Cell<Message> implements Runnable, CellParent {
  readonly path: string;
  readonly ref: ActorRef<Message>;
  readonly children: Children;
  readonly #settings: CellSettings<Message>;
  readonly #logger: Logger;
  readonly #supervisor: Supervisor;
  readonly #restarts: RestartCount;
  readonly #mailbox: Mailbox<Message>;
  readonly #watchers = new Set<(reason: StopReason) => void>();
  #phase: Phase = "starting";
  #isFull = false;
  #actor: Actor<Message> | undefined;
  #context: CellContext<Message> | undefined;
  /** A message, or the factory, that has not come to its end. */
  #busy = false;
  #onIdle: (() => void) | undefined;
  /** A child's failure that came up while a message was handled: it waits for that message. */
  #escalated: Error | undefined;
  #cancelRestart: Cancel | undefined;
  #ending: Promise<void> | undefined;
  #reason: StopReason = { type: "stopped" };

  constructor(settings: CellSettings<Message>, path: string) {
    const { options, world } = settings;
    this.path = path;
    this.#settings = settings;
    this.#logger = world.logger.child({ actor: this.path });
    this.#supervisor = options.supervisor ?? restartWithBackOff;
    this.#restarts = new RestartCount(options.restartWindowMs ?? defaultRestartWindowMs);
    this.#mailbox = new Mailbox(options.mailboxLimit ?? defaultMailboxLimit);
    this.children = new Children(path);
    this.ref = new LocalRef(this);
  }

  get wantsTurn(): boolean {
    return this.#phase === "running" && !this.#busy && this.#mailbox.size > 0;
  }
  get isStopped(): boolean {
    return this.#phase === "stopped";
  }
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  offer(message: Message): boolean {
    if (this.isEnding) return false;
    const taken = this.#mailbox.offer(message);
    // Said once, until it takes something again.
    if (!taken && !this.#isFull)
      this.#logger.warn({ limit: this.#mailbox.limit }, "the mailbox is full: what is sent to it is refused");
    this.#isFull = !taken;
    if (!taken) return false;
    if (this.wantsTurn) this.#settings.dispatcher.schedule(this);
    return true;
  }

  /** Timers and notices of the actor's own: they pass the mailbox's limit. */
  put(message: Message, ticket?: TimerTicket): void {
    if (this.isEnding) return;
    this.#mailbox.put({ message, ticket });
    if (this.wantsTurn) this.#settings.dispatcher.schedule(this);
  }

  spawn<Child>(name: string, factory: ActorFactory<Child>, options: SpawnOptions = {}): ActorRef<Child> {
    const { world, dispatcher } = this.#settings;
    return spawnCell({ name, parent: this, factory, options, world, dispatcher });
  }

  start(): void {
    if (this.isEnding) return;
    this.#phase = "starting";
    const { world, factory } = this.#settings;
    this.#context = new CellContext(this, { ...world, logger: this.#logger });
    try {
      const made = factory(this.#context);
      if (!(made instanceof Promise)) {
        this.#begin(made);
        return;
      }
      this.#busy = true;
      made.then(
        (actor) => this.#idle(() => this.#begin(actor)),
        (error: unknown) => this.#idle(() => this.#fail(toError(error))),
      );
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  runTurn(limit: number): number {
    let handled = 0;
    while (handled < limit && this.wantsTurn) {
      const envelope = this.#mailbox.take();
      if (!envelope) break;
      const { message, ticket } = envelope;
      if (ticket && this.#context?.timers.accept(ticket) !== true) continue;
      handled++;
      this.#receive(message);
    }
    return handled;
  }

  escalate(error: Error): void {
    if (this.#busy) this.#escalated = error;
    else this.#fail(error);
  }

  /** Resolves when this actor and its children are gone. */
  stop(reason: StopReason = { type: "stopped" }): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  watch(onStopped: (reason: StopReason) => void): Cancel {
    if (this.isStopped) {
      onStopped(this.#reason);
      return () => undefined;
    }
    this.#watchers.add(onStopped);
    return () => this.#watchers.delete(onStopped);
  }

  #begin(actor: Actor<Message>): void {
    this.#actor = actor;
    if (this.isEnding) return;
    this.#phase = "running";
    if (this.wantsTurn) this.#settings.dispatcher.schedule(this);
  }

  #receive(message: Message): void {
    try {
      const result = this.#actor?.receive(message);
      if (!(result instanceof Promise)) return;
      this.#busy = true;
      result.then(
        () => this.#idle(() => undefined),
        (error: unknown) => this.#idle(() => this.#fail(toError(error))),
      );
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  /** A message or the factory came to its end. */
  #idle(outcome: () => void): void {
    this.#busy = false;
    outcome();
    this.#onIdle?.();
    const escalated = this.#escalated;
    this.#escalated = undefined;
    if (escalated) this.#fail(escalated);
    if (this.wantsTurn) this.#settings.dispatcher.schedule(this);
  }

  #fail(error: Error): void {
    if (this.isEnding) {
      this.#logger.warn({ error }, "failed while it was stopped");
      return;
    }
    if (this.#phase === "restarting") return;
    const directive = this.#decide(error);
    this.#logger.warn({ error, directive: directive.type }, "an actor failed");
    switch (directive.type) {
      case "resume":
        // Without an actor there is no state to keep: its factory failed.
        if (this.#actor === undefined) void this.#restart(error, 0);
        return;
      case "restart":
        void this.#restart(error, directive.delayMs);
        return;
      case "stop":
        void this.stop({ type: "failed", error });
        return;
      case "escalate":
        void this.stop({ type: "failed", error });
        this.#settings.parent.escalate(error);
        return;
      default:
        assertNever(directive);
    }
  }

  #decide(error: Error): Directive {
    const restarts = this.#restarts.within(this.#settings.world.clock.monotonic());
    try {
      return this.#supervisor({ path: this.path, error, restarts });
    } catch (thrown) {
      this.#logger.error({ error: thrown }, "the supervisor failed itself");
      return { type: "escalate" };
    }
  }

  async #restart(error: Error, delayMs: number): Promise<void> {
    this.#phase = "restarting";
    const { clock } = this.#settings.world;
    this.#restarts.add(clock.monotonic());
    await this.#tearDown({ type: "failed", error });
    if (this.isEnding) return;
    this.#cancelRestart = clock.after(delayMs, () => this.start());
  }

  async #end(reason: StopReason): Promise<void> {
    this.#reason = reason;
    this.#phase = "stopping";
    this.#cancelRestart?.();
    this.#mailbox.clear();
    this.#context?.timers.cancelAll();
    // Lets the present message end: also one that takes no promise, and is what called us.
    await Promise.resolve();
    if (this.#busy) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await this.#within(idle, "the present message");
    }
    await this.#tearDown(reason);
    this.#phase = "stopped";
    for (const watcher of this.#watchers) watcher(reason);
    this.#watchers.clear();
  }

  /** Children first, then what the incarnation itself owns. */
  async #tearDown(reason: StopReason): Promise<void> {
    const [actor, context] = [this.#actor, this.#context];
    this.#actor = undefined;
    this.#context = undefined;
    context?.end();
    await this.children.stopAll();
    try {
      await this.#within(Promise.resolve(actor?.stopped?.(reason)), "what it does when stopped");
    } catch (error) {
      this.#logger.error({ error }, "failed when it was stopped");
    }
  }

  async #within(work: Promise<void>, what: string): Promise<void> {
    const { clock } = this.#settings.world;
    let cancel: Cancel = () => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = clock.after(stopLimitMs, () => {
        this.#logger.warn({ limitMs: stopLimitMs }, `stopping without waiting longer for ${what}`);
        resolve();
      });
    });
    try {
      await Promise.race([work, limit]);
    } finally {
      cancel();
    }
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`);
}
