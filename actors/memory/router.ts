// The server side of the bus in memory: who subscribed to what, and who gets a message.

import type { Random } from "../world.ts";
import { isWildcard, subjectMatches } from "./subject-match.ts";

export interface Route<Receiver> {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly receiver: Receiver;
}

export class Router<Receiver> {
  readonly #random: Random;
  readonly #exact = new Map<string, Set<Route<Receiver>>>();
  readonly #wild = new Map<Route<Receiver>, readonly string[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  add(route: Route<Receiver>): void {
    if (isWildcard(route.subject)) {
      this.#wild.set(route, route.subject.split("."));
      return;
    }
    const routes = this.#exact.get(route.subject);
    if (routes) routes.add(route);
    else this.#exact.set(route.subject, new Set([route]));
  }

  remove(route: Route<Receiver>): void {
    this.#wild.delete(route);
    const routes = this.#exact.get(route.subject);
    if (routes?.delete(route) && routes.size === 0) this.#exact.delete(route.subject);
  }

  /** Everyone without a queue, and one member of each queue. */
  receivers(subject: string): Receiver[] {
    const chosen: Receiver[] = [];
    const queues = new Map<string, Receiver[]>();
    for (const { queue, receiver } of this.#matching(subject)) {
      if (queue === undefined) chosen.push(receiver);
      else queues.set(queue, [...(queues.get(queue) ?? []), receiver]);
    }
    for (const members of queues.values()) {
      const member = members[this.#random.below(members.length)];
      if (member !== undefined) chosen.push(member);
    }
    return chosen;
  }

  *#matching(subject: string): Iterable<Route<Receiver>> {
    yield* this.#exact.get(subject) ?? [];
    if (this.#wild.size === 0) return;
    const tokens = subject.split(".");
    for (const [route, pattern] of this.#wild) if (subjectMatches(pattern, tokens)) yield route;
  }
}
