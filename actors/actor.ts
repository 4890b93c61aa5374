// Actors as their users see them: a reference to send to, a context to act through, a behaviour to write.

import type { Cancel, World } from "./world.ts";

/** One type for an actor in this process and one across the bus. Sending never throws and never blocks. */
export interface ActorRef<Message> {
  readonly path: string;
  /** False when the message was not taken: the mailbox is full or the actor is gone. The sender decides what then. */
  send(message: Message): boolean;
}

/** How an `ask` answers: the asker's end of one reply. Answering twice does nothing. */
export interface ReplyTo<Reply> {
  reply(value: Reply): void;
  fail(error: Error): void;
}

/** Nobody answered an `ask` within its time; whether it was handled is not known. */
export class AskTimeout extends Error {
  override readonly name = "AskTimeout";
}
/** An `ask` was not taken: the actor is gone or its mailbox is full. */
export class AskRefused extends Error {
  override readonly name = "AskRefused";
}

export type StopReason = { readonly type: "stopped" } | { readonly type: "failed"; readonly error: Error };

/** What an actor is: it handles one message at a time, also when handling takes a promise. */
export interface Actor<Message> {
  receive(message: Message): void | Promise<void>;
  /** Runs after the last message, whatever the reason; releases what the actor owns. */
  stopped?(reason: StopReason): void | Promise<void>;
}

export type ActorFactory<Message> = (
  context: ActorContext<Message>,
) => Actor<Message> | Promise<Actor<Message>>;

/** A pure decider: what to do about a failed child. `restarts` counts those within the window. */
export type Supervisor = (failure: {
  readonly path: string;
  readonly error: Error;
  readonly restarts: number;
}) => Directive;
export type Directive =
  /** Drop the message that failed, keep the actor's state. */
  | { readonly type: "resume" }
  /** Make the actor anew by its factory; the mailbox is kept. */
  | { readonly type: "restart"; readonly delayMs: number }
  | { readonly type: "stop" }
  /** The parent fails with this error. */
  | { readonly type: "escalate" };

export interface SpawnOptions {
  /** Messages that wait at most; `send` answers false beyond it. Default 1024. */
  readonly mailboxLimit?: number;
  /** Default: restart at most 5 times in 60 s with back-off 100 ms doubling to 5 s, then escalate. */
  readonly supervisor?: Supervisor;
  /** Restarts older than this no longer count. Default 60 s. */
  readonly restartWindowMs?: number;
}

export interface Timers<Message> {
  /** Sends `message` to this actor after `delayMs`. A key replaces the timer that has it. Ends with the actor. */
  once(key: string, delayMs: number, message: Message): void;
  every(key: string, intervalMs: number, message: Message): void;
  cancel(key: string): void;
  has(key: string): boolean;
}

export interface ActorContext<Message> extends World {
  readonly self: ActorRef<Message>;
  readonly timers: Timers<Message>;
  spawn<Child>(name: string, factory: ActorFactory<Child>, options?: SpawnOptions): ActorRef<Child>;
  /**
   * Stops a child after its present message, or this actor itself. Resolves when it and its children are gone:
   * so an actor that handles a message must not await its own end, which waits for that message.
   */
  stop(ref?: ActorRef<never>): Promise<void>;
  /** Sends `message(reason)` to this actor when `ref` has stopped for good; at once if it is gone already. */
  watch(ref: ActorRef<never>, message: (reason: StopReason) => Message): Cancel;
  /** Sends the outcome of a promise to this actor as a message; dropped when it was restarted meanwhile. */
  pipe<Value>(
    promise: Promise<Value>,
    onValue: (value: Value) => Message,
    onError: (error: Error) => Message,
  ): void;
  /** Rejects with AskTimeout after `timeoutMs`, or AskRefused when the mailbox does not take it. */
  ask<Target, Reply>(
    ref: ActorRef<Target>,
    message: (replyTo: ReplyTo<Reply>) => Target,
    timeoutMs: number,
  ): Promise<Reply>;
}

export interface ActorSystem extends World {
  readonly name: string;
  spawn<Message>(name: string, factory: ActorFactory<Message>, options?: SpawnOptions): ActorRef<Message>;
  ask<Target, Reply>(
    ref: ActorRef<Target>,
    message: (replyTo: ReplyTo<Reply>) => Target,
    timeoutMs: number,
  ): Promise<Reply>;
  /** Resolves with the error of a top-level actor that escalated; the owner decides to end the process. */
  readonly failed: Promise<Error>;
  /** Stops every actor, children first. */
  stop(): Promise<void>;
}
