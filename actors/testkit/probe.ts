// An actor for tests that keeps what it gets, and lets a test await it.

import type { ActorRef, ActorSystem } from "../actor.ts";

export interface Probe<Message> {
  readonly ref: ActorRef<Message>;
  /** Everything that came and was not taken yet. */
  readonly waiting: readonly Message[];
  /** Takes the first message that matches, now or within the time; rejects with what came instead. */
  expect<Wanted extends Message>(
    matches: (message: Message) => message is Wanted,
    withinMs?: number,
  ): Promise<Wanted>;
  expect(matches?: (message: Message) => boolean, withinMs?: number): Promise<Message>;
}

const defaultWithinMs = 3_000;

interface Expectation<Message> {
  readonly matches: (message: Message) => boolean;
  readonly resolve: (message: Message) => void;
}

let probes = 0;

export function createProbe<Message>(system: ActorSystem, name = `probe-${++probes}`): Probe<Message> {
  const waiting: Message[] = [];
  const expectations = new Set<Expectation<Message>>();
  const receive = (message: Message): void => {
    for (const expectation of expectations) {
      if (!expectation.matches(message)) continue;
      expectations.delete(expectation);
      expectation.resolve(message);
      return;
    }
    waiting.push(message);
  };
  const expect = (
    matches: (message: Message) => boolean = () => true,
    withinMs: number = defaultWithinMs,
  ): Promise<Message> => {
    const index = waiting.findIndex(matches);
    const [found] = index < 0 ? [] : waiting.splice(index, 1);
    if (index >= 0 && found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const cancel = system.clock.after(withinMs, () => {
        expectations.delete(expectation);
        reject(new Error(`nothing that matches came within ${withinMs} ms; ${described(waiting)}`));
      });
      const expectation: Expectation<Message> = {
        matches,
        resolve: (message) => {
          cancel();
          resolve(message);
        },
      };
      expectations.add(expectation);
    });
  };
  return {
    ref: system.spawn<Message>(name, () => ({ receive })),
    waiting,
    // The overload narrows by the caller's own predicate.
    expect: expect as Probe<Message>["expect"],
  };
}

function described(messages: readonly unknown[]): string {
  return messages.length === 0 ? "nothing else did" : `these did: ${JSON.stringify(messages)}`;
}
