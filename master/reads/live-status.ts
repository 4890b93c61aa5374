// What is known only while it is so, and so not in the log: when nodes were last heard, which masters are there.
// A question on `<prefix>.master.status` is answered in JSON by the leader's turn side with LiveStatus, and by the
// read side of every master with MasterPresence; `kind` tells them apart.

import type { Bus, Clock, World } from "../../actors/mod.ts";
import {
  decodeJson,
  encodeJson,
  type MasterId,
  masterSubject,
  type NodeName,
  type Position,
  type Prefix,
} from "../../protocol/mod.ts";

/** The leader's answer. */
export interface LiveStatus {
  readonly version: 1;
  readonly kind: "leader";
  readonly nodes: readonly {
    readonly name: NodeName;
    /** Since its last heartbeat; absent when this leader has not heard from it yet. */
    readonly lastSeenMs?: number;
    /** The agent has everything that is assigned to it. */
    readonly inSync: boolean;
  }[];
  readonly notices: readonly string[];
}

/** Every master's answer. */
export interface MasterPresence {
  readonly version: 1;
  readonly kind: "master";
  readonly id: MasterId;
  readonly leader: boolean;
  readonly position: Position;
  /** Version of Berth. */
  readonly release: string;
  readonly startedAt: number;
}

export interface Gathered {
  readonly live: LiveStatus | undefined;
  readonly masters: readonly MasterPresence[];
}

/** How long answers are waited for when not all who answered last time have. */
export const gatherMs = 250;

/** Asks everyone. It ends early once the leader and every master that is known have answered. */
export class StatusGatherer {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #subject: string;
  #known: ReadonlySet<MasterId> = new Set();

  constructor(bus: Bus, world: Pick<World, "clock">, prefix: Prefix) {
    this.#bus = bus;
    this.#clock = world.clock;
    this.#subject = masterSubject(prefix, "status");
  }

  gather(): Promise<Gathered> {
    return new Promise((resolve) => {
      let live: LiveStatus | undefined;
      const masters = new Map<MasterId, MasterPresence>();
      const finish = (): void => {
        cancel();
        subscription.unsubscribe();
        this.#known = new Set(masters.keys());
        resolve({ live, masters: [...masters.values()].sort((one, other) => (one.id < other.id ? -1 : 1)) });
      };
      const inbox = this.#bus.inbox();
      const subscription = this.#bus.subscribe(inbox, ({ data }) => {
        const answer = readAnswer(data);
        if (answer?.kind === "leader") live = answer;
        else if (answer) masters.set(answer.id, answer);
        const isKnown = this.#known.size > 0 && [...this.#known].every((id) => masters.has(id));
        if (live && isKnown) finish();
      });
      const cancel = this.#clock.after(gatherMs, finish);
      this.#bus.publish(this.#subject, encodeJson({}), { reply: inbox });
    });
  }
}

/** Masters of one release speak to each other here: the shape is trusted once its kind is known. */
function readAnswer(data: Uint8Array): LiveStatus | MasterPresence | undefined {
  const decoded = decodeJson(data);
  if (!decoded.ok || typeof decoded.value !== "object" || decoded.value === null) return undefined;
  return isAnswer(decoded.value) ? decoded.value : undefined;
}

function isAnswer(value: object): value is LiveStatus | MasterPresence {
  const kind: unknown = Reflect.get(value, "kind");
  if (kind === "leader")
    return Array.isArray(Reflect.get(value, "nodes")) && Array.isArray(Reflect.get(value, "notices"));
  return kind === "master" && typeof Reflect.get(value, "id") === "string";
}
