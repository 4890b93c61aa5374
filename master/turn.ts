// One turn: commands are decided and folded, controllers and scheduler follow up, and what came of it is cut into
// commits. Everything here is speculative until the log accepts it; nothing here speaks to the outside.

import type { Clock, Logger } from "../actors/mod.ts";
import {
  type BerthEvent,
  type CommandEnvelope,
  commitSoftLimitBytes,
  failure,
  type Position,
  type Positioned,
  type Result,
} from "../protocol/mod.ts";
import type {
  ClusterState,
  ControllerName,
  Decide,
  DecideContext,
  Decision,
  DirtyKey,
  Evolve,
  PlanPods,
  Reconcile,
  UndoMark,
} from "./cluster/contract.ts";
import { encodeBlock, type EventBlock } from "./journal/mod.ts";
import type { Scheduling } from "./scheduling.ts";

/** The pure parts that a turn applies. */
export interface Rules {
  readonly decide: Decide;
  readonly evolve: Evolve;
  readonly controllers: Readonly<Record<ControllerName, Reconcile>>;
  readonly planPods: PlanPods;
}

/** A turn ends after this, so that new requests do not wait for old cascades, which go on in later turns. */
export const turnBudgetMs = 25;
export const turnEventLimit = 20_000;
/** Keys that are taken from the queue at a time. */
const keysAtATime = 32;

/** Whole commands that become one commit. */
export interface Batch {
  readonly mark: UndoMark;
  readonly firstPosition: Position;
  readonly lastPosition: Position;
  readonly blocks: readonly EventBlock[];
}

export interface TurnOptions {
  readonly state: ClusterState;
  readonly rules: Rules;
  readonly context: DecideContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly scheduling: Scheduling;
  /** Called after each event was folded. */
  readonly onEvent: (event: Positioned) => void;
  /** Called when a commit's worth is together; `state` stands at its last position. */
  readonly onBatch: (batch: Batch) => void;
}

export interface Turn {
  /** Decides one command and folds its events, which go into one commit. Decision events are empty for a no-op. */
  run(envelope: CommandEnvelope): Result<Decision>;
  /** True while the budget lasts. */
  readonly mayGoOn: boolean;
  /** Follows up until nothing changes or the budget is spent. True when there is more to do. */
  cascade(): boolean;
  /** Hands over the last batch. */
  end(): void;
}

export function createTurn(options: TurnOptions): Turn {
  const { state, rules, context, clock, logger, scheduling, onEvent, onBatch } = options;
  const deadline = clock.monotonic() + turnBudgetMs;
  let events = 0;
  let open: { mark: UndoMark; firstPosition: Position; blocks: EventBlock[]; bytes: number } | undefined;

  function cut(): void {
    if (!open) return;
    const { mark, firstPosition, blocks } = open;
    open = undefined;
    onBatch({ mark, firstPosition, lastPosition: state.position, blocks });
  }

  function fold(block: EventBlock): void {
    if (open && open.bytes + block.bytes.length > commitSoftLimitBytes) cut();
    open ??= {
      mark: state.mark(),
      firstPosition: (state.position + 1) as Position,
      blocks: [],
      bytes: 0,
    };
    open.blocks.push(block);
    open.bytes += block.bytes.length;
    events += block.events.length;
    for (const event of block.events) {
      const positioned = place(event, (state.position + 1) as Position);
      rules.evolve(state, positioned);
      scheduling.note(event);
      onEvent(positioned);
    }
  }

  function run(envelope: CommandEnvelope): Result<Decision> {
    const decided = decideSafely(envelope);
    if (!decided.ok || decided.value.events.length === 0) return decided;
    const block = encodeBlock(decided.value.events);
    if (!block.ok) return block;
    fold(block.value);
    return decided;
  }

  /** Nothing was folded when `decide` throws, so one poisoned command must not take the cluster down. */
  function decideSafely(envelope: CommandEnvelope): Result<Decision> {
    try {
      return rules.decide(state, envelope, context);
    } catch (error) {
      logger.error({ error, command: envelope.command.type, by: envelope.by }, "deciding a command failed");
      return failure(
        "Internal",
        `deciding ${envelope.command.type} failed; the master's log has the details`,
      );
    }
  }

  function reconcile(key: DirtyKey): void {
    let commands: readonly CommandEnvelope[];
    try {
      commands = rules.controllers[key.controller](state, key.uid, context.now);
    } catch (error) {
      logger.error({ error, ...key }, "a controller failed; its key waits for the next change");
      return;
    }
    runAll(commands);
  }

  function runAll(commands: readonly CommandEnvelope[]): void {
    for (const envelope of commands) {
      const { command, by } = envelope;
      const result = run(envelope);
      if (!result.ok)
        logger.debug({ by, command: command.type, error: result.error }, "a command was refused");
    }
  }

  const mayGoOn = (): boolean => events < turnEventLimit && clock.monotonic() < deadline;

  return {
    run,
    get mayGoOn() {
      return mayGoOn();
    },
    cascade() {
      for (;;) {
        state.dueBefore(context.now);
        if (state.dirtyCount > 0) {
          for (const key of state.takeDirty(keysAtATime)) reconcile(key);
        } else if (scheduling.wanted) {
          runAll(scheduling.plan(state, context.now));
        } else return false;
        if (!mayGoOn()) return state.dirtyCount > 0 || scheduling.wanted;
      }
    },
    end: cut,
  };
}

export const place = (event: BerthEvent, position: Position): Positioned => ({ ...event, position });
