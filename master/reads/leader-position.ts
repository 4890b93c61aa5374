// Asks the leader how far the log is accepted, so that a read sees every write that was answered before it.
// ★ And the log where it ends: one that was deposed and has not read so yet still takes itself for the leader.
// Reads that arrive together share one question; a question never serves a read that came after it was sent.

import { type Bus, BusError, type EventLog } from "../../actors/mod.ts";
import {
  decode,
  encode,
  type Failure,
  failure,
  masterSubject,
  parsePosition,
  type Position,
  type Prefix,
  type Result,
  success,
} from "../../protocol/mod.ts";

/** Answer of the leader on `<prefix>.master.position`, msgpack. The turn's side of the master sends it. */
export interface PositionReply {
  readonly version: 1;
  readonly position: Position;
}

export const positionTimeoutMs = 2000;

export interface Accepted {
  readonly position: Position;
  /** Last sequence of the stream: whoever has judged it knows of every acknowledged write, and of every claim. */
  readonly sequence: number;
}
type Asked = Promise<Result<Accepted>>;

export class LeaderPosition {
  readonly #bus: Bus;
  readonly #log: EventLog;
  readonly #subject: string;
  #underWay: Asked | undefined;
  #next: Asked | undefined;

  constructor(bus: Bus, log: EventLog, prefix: Prefix) {
    this.#bus = bus;
    this.#log = log;
    this.#subject = masterSubject(prefix, "position");
  }

  /** Fails with NoLeader, Disconnected or Timeout. */
  ask(): Asked {
    if (!this.#underWay) return this.#send();
    this.#next ??= this.#underWay.then(() => this.#send());
    return this.#next;
  }

  #send(): Asked {
    this.#next = undefined;
    const asked = this.#request().finally(() => {
      if (this.#underWay === asked) this.#underWay = undefined;
    });
    this.#underWay = asked;
    return asked;
  }

  async #request(): Asked {
    try {
      const [reply, { lastSequence: sequence }] = await Promise.all([
        this.#bus.request(this.#subject, encode({ version: 1 }), { timeoutMs: positionTimeoutMs }),
        this.#log.info(),
      ]);
      const body = decode(reply.data);
      if (!body.ok) return body;
      const { value } = body;
      const position = parsePosition(
        typeof value === "object" && value !== null ? Reflect.get(value, "position") : value,
      );
      return position.ok ? success({ position: position.value, sequence }) : position;
    } catch (error) {
      if (error instanceof BusError) return { ok: false, error: explain(error) };
      throw error;
    }
  }
}

function explain(error: BusError): Failure {
  switch (error.code) {
    case "NoResponders":
      return { code: "NoLeader", message: "no master listens for the accepted position" };
    case "Timeout":
      return { code: "NoLeader", message: "no master leads at the moment; ask again, or ask with stale" };
    case "Disconnected":
    case "Closed":
      return { code: "Disconnected", message: "this master has lost its NATS server" };
    case "Denied":
    case "TooLarge":
    case "Unsupported":
      return { code: "Internal", message: `the leader can't be asked: ${error.message}` };
  }
}

export const notReached = (wanted: Position, found: Position): Result<never> =>
  failure(
    "Timeout",
    `this master has folded up to position ${found} and position ${wanted} was asked for; try again`,
  );
