// The routing table of the bus in memory: who subscribed to what, and who gets a message.

import type { Random } from "../world.ts";

export interface Route<Receiver> {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly receiver: Receiver;
}

/** Subjects whose routes are remembered; replies come once each, so it is emptied rather than kept tidy. */
const rememberedSubjects = 4_096;

/** One token deeper in the tree of subjects, as the server keeps them. */
interface Branch<Receiver> {
  readonly next: Map<string, Branch<Receiver>>;
  readonly here: Set<Route<Receiver>>;
  /** Routes that end in `>` at this place. */
  readonly rest: Set<Route<Receiver>>;
}

export class Router<Receiver> {
  readonly #random: Random;
  readonly #root: Branch<Receiver> = branch();
  readonly #known = new Map<string, readonly Route<Receiver>[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  add(route: Route<Receiver>): void {
    this.#place(route.subject).add(route);
    this.#known.clear();
  }

  remove(route: Route<Receiver>): void {
    if (this.#place(route.subject).delete(route)) this.#prune(this.#root, route.subject.split("."), 0);
    this.#known.clear();
  }

  /** Everyone without a queue, and one member of each queue. */
  receivers(subject: string): Receiver[] {
    const chosen: Receiver[] = [];
    let queues: Map<string, Receiver[]> | undefined;
    for (const { queue, receiver } of this.#matching(subject)) {
      if (queue === undefined) {
        chosen.push(receiver);
        continue;
      }
      queues ??= new Map();
      const members = queues.get(queue);
      if (members) members.push(receiver);
      else queues.set(queue, [receiver]);
    }
    if (!queues) return chosen;
    for (const members of queues.values()) {
      const member = members[this.#random.below(members.length)];
      if (member !== undefined) chosen.push(member);
    }
    return chosen;
  }

  #matching(subject: string): readonly Route<Receiver>[] {
    const known = this.#known.get(subject);
    if (known) return known;
    const found: Route<Receiver>[] = [];
    collect(this.#root, subject.split("."), 0, found);
    if (this.#known.size >= rememberedSubjects) this.#known.clear();
    this.#known.set(subject, found);
    return found;
  }

  #place(subject: string): Set<Route<Receiver>> {
    const tokens = subject.split(".");
    let at = this.#root;
    for (const [index, token] of tokens.entries()) {
      if (token === ">" && index === tokens.length - 1) return at.rest;
      let next = at.next.get(token);
      if (!next) at.next.set(token, (next = branch()));
      at = next;
    }
    return at.here;
  }

  /** Takes away branches that lead nowhere any more. True when `at` is one. */
  #prune(at: Branch<Receiver>, tokens: readonly string[], index: number): boolean {
    const token = tokens[index];
    const next = token === undefined ? undefined : at.next.get(token);
    if (token !== undefined && next && this.#prune(next, tokens, index + 1)) at.next.delete(token);
    return at.next.size === 0 && at.here.size === 0 && at.rest.size === 0;
  }
}

const branch = <Receiver>(): Branch<Receiver> => ({ next: new Map(), here: new Set(), rest: new Set() });

function collect<Receiver>(
  at: Branch<Receiver>,
  tokens: readonly string[],
  index: number,
  found: Route<Receiver>[],
): void {
  const token = tokens[index];
  if (token === undefined) {
    found.push(...at.here);
    return;
  }
  found.push(...at.rest);
  const exact = at.next.get(token);
  if (exact) collect(exact, tokens, index + 1, found);
  const any = at.next.get("*");
  if (any && any !== exact) collect(any, tokens, index + 1, found);
}
