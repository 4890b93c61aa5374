// One leadership, from its claim's acceptance to its end: takes turns and says what came of them once the log has
// accepted it. Everything here is dropped with the term; the next leader computes it from the state again.

import type { Clock, Logger, World } from "../actors/mod.ts";
import { type NodeName, type Position, type Positioned, type Prefix } from "../protocol/mod.ts";
import { createAutoscalerDesk } from "./autoscaling/mod.ts";
import type { ClusterState, DecideContext, UndoMark } from "./cluster/contract.ts";
import type { CommandInput, NodeInput } from "./cluster-message.ts";
import { runCommand, tooManyRequests } from "./command-run.ts";
import type { Figures } from "./figures/mod.ts";
import { createDraft, type Draft, type Journal } from "./journal/mod.ts";
import { createNodeDesk, type NodeDesk } from "./nodes/mod.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createScheduling } from "./scheduling.ts";
import type { Vault } from "./secrets/mod.ts";
import { type Batch, createTurn, type Rules, type Turn } from "./turn.ts";

/** Commands that wait for their turn; beyond it they are refused with TooManyRequests. */
export const waitingCommandsLimit = 4_096;
/** While this many commits are under way, a turn waits until this many commands have come: bigger commits. */
const comfortableCommits = 3;
const comfortableCommands = 64;
/** Due times in the past are looked at again no sooner than this. */
const leastDueDelayMs = 20;

export interface TermOptions {
  readonly world: World;
  /** Leader's time, since the claim was made. */
  readonly now: () => number;
  readonly prefix: Prefix;
  readonly state: ClusterState;
  readonly rules: Rules;
  readonly journal: Journal;
  readonly heartbeatMs: number;
  readonly vault: Vault | undefined;
  readonly figures: Figures;
  readonly autoscaleEveryMs: number;
  readonly publish: (subject: string, message: object) => void;
  readonly ping: (node: NodeName) => void;
  /** A turn is wanted as soon as what waits in the mailbox was received. */
  readonly wantTurn: () => void;
  /** A turn is wanted after this many milliseconds, whatever comes before. */
  readonly wantTurnIn: (delayMs: number) => void;
}

export interface Term {
  readonly outbox: Outbox;
  readonly desk: NodeDesk;
  command(input: CommandInput): void;
  node(node: NodeName, input: NodeInput): void;
  tick(): void;
  takeTurn(): void;
  /** One of our drafts was accepted. */
  accepted(draft: Draft): void;
  /** Takes back what was not accepted, and answers nobody but those who wait, with NoLeader. */
  end(): void;
  /** Leader's time. */
  readonly now: () => number;
}

export function createTerm(options: TermOptions): Term {
  const { world, now, state, rules, journal, publish, wantTurn, wantTurnIn } = options;
  const clock: Clock = world.clock;
  const logger: Logger = world.logger;
  const outbox = createOutbox(publish);
  const scheduling = createScheduling(rules.planPods);
  const desk = createNodeDesk({ ...options, outbox });
  const autoscalers = createAutoscalerDesk({ ...options, clock, now, everyMs: options.autoscaleEveryMs });
  const marks = new Map<Draft, UndoMark>();
  let commands: CommandInput[] = [];
  let spoken: Position = state.position;

  state.markAllDirty();
  scheduling.lookAtAll();
  wantTurn();

  function context(): DecideContext {
    const { ids } = world;
    return {
      now: Math.max(now(), state.at),
      uuid: () => ids.uuid(),
      suffix: (length) => ids.suffix(length),
      vault: options.vault,
    };
  }

  function onEvent(event: Positioned): void {
    desk.note(event);
  }

  /** What the commit means for agents is computed where the state stands now, and said when it is accepted. */
  function onBatch({ mark, firstPosition, blocks }: Batch): void {
    const draft = createDraft(state.epoch, firstPosition, blocks);
    marks.set(draft, mark);
    desk.collect();
    spoken = state.position;
    journal.append(draft);
  }

  function runCommands(turn: Turn): void {
    let count = 0;
    for (const input of commands) {
      if (!turn.mayGoOn || !journal.hasRoom) break;
      count++;
      const reply = runCommand({ state, turn, input, now: now(), ids: world.ids });
      outbox.add(state.position, { type: "reply", to: input.responder, reply });
    }
    commands = commands.slice(count);
  }

  function mayBegin(): boolean {
    if (!journal.hasRoom) return false;
    return journal.underWay < comfortableCommits || commands.length >= comfortableCommands;
  }

  function takeTurn(): void {
    // An acceptance will ask for the turn again.
    if (!mayBegin()) return;
    const turn = createTurn({
      state,
      rules,
      context: context(),
      clock,
      logger,
      scheduling,
      onEvent,
      onBatch,
    });
    desk.run(turn);
    runCommands(turn);
    autoscalers.run(turn);
    let more = turn.cascade();
    if (desk.release(turn)) more = turn.cascade();
    turn.end();
    if (desk.waiting || spoken !== state.position) desk.collect();
    outbox.release(journal.chain.position);
    if (more || commands.length > 0) wantTurn();
    else armDue();
  }

  function armDue(): void {
    const due = state.nextDueAt;
    if (due !== undefined) wantTurnIn(Math.max(leastDueDelayMs, Math.ceil(due - now())));
  }

  return {
    outbox,
    desk,
    now,
    command(input) {
      if (commands.length >= waitingCommandsLimit) {
        input.responder.respond(tooManyRequests(commands.length));
        return;
      }
      commands.push(input);
      wantTurn();
    },
    node(node, input) {
      if (desk.take(node, input)) wantTurn();
    },
    tick() {
      desk.tick();
      wantTurn();
    },
    takeTurn,
    accepted(draft) {
      const mark = marks.get(draft);
      if (mark) state.forget(mark);
      marks.delete(draft);
      outbox.release(draft.lastPosition);
      wantTurn();
    },
    end() {
      const [first] = marks.values();
      if (first) state.undo(first);
      marks.clear();
      outbox.drop();
      for (const { responder } of commands) responder.abandon();
      commands = [];
      desk.end();
    },
  };
}
