// One request to the API and its reply: retries until the deadline, one command id over all tries of a mutation,
// and the highest position seen, so that a later read sees what an earlier answer showed.

import type { Bus, Clock, Ids, Random } from "../actors/mod.ts";
import { BusError } from "../actors/mod.ts";
import {
  type ApiReply,
  type ApiRequest,
  type ApiTarget,
  apiSubject,
  assertNever,
  BerthError,
  type CommandId,
  decode,
  encode,
  type ErrorCode,
  type Failure,
  mutatingVerbs,
  parseCommandId,
  parseMessage,
  type Position,
  positionZero,
  unwrap,
} from "../protocol/mod.ts";
import { SecretValues } from "./secret-values.ts";

/** One try waits this long at most; then the same request, with the same command id, is sent again. */
export const defaultAttemptTimeoutMs = 2500;
/** Pause between tries: doubles from the first to the second, with up to half of it taken off by chance. */
const firstPauseMs = 50;
const longestPauseMs = 1000;

export interface RequesterOptions {
  readonly bus: Bus;
  readonly world: ClientWorld;
  readonly prefix: string;
  readonly user: string;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  /** Where nobody listens and nobody ever did, a call gives up after this long. */
  readonly firstAnswerMs: number;
}
export interface ClientWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
}

export interface CallOptions {
  /** Deadline of the whole call, tries and pauses included. Default: the client's. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Reads from whichever master answers first, however far it is. */
  readonly stale?: boolean;
  /** For mutations that a program wants to repeat by itself; drawn when absent. */
  readonly commandId?: string;
}

export type Target = Omit<ApiTarget, "user">;
export type OkReply = Extract<ApiReply, { ok: true }>;

/** Conditions that a later try may not meet. A mutation may be sent again too: its command id makes it take effect once. */
const passing: ReadonlySet<ErrorCode> = new Set([
  "Timeout",
  "NoLeader",
  "Disconnected",
  "Unavailable",
  "TooManyRequests",
]);

export class Requester {
  readonly options: RequesterOptions;
  readonly secrets: SecretValues;
  #seen: Position = positionZero;
  /** Somebody has answered once: if nobody does now, masters are being replaced, and waiting helps. */
  #answered = false;
  #sealingKey: Promise<string | undefined> | undefined;

  constructor(options: RequesterOptions) {
    this.options = options;
    this.secrets = new SecretValues(options.user, options.world.ids);
  }

  /** What values of secrets are sealed to on their way; undefined when the cluster takes no secrets. */
  async sealingKey(options: CallOptions): Promise<string | undefined> {
    this.#sealingKey ??= this.#askSealingKey(options);
    const key = await this.#sealingKey.catch((error: unknown) => {
      this.#sealingKey = undefined;
      throw error;
    });
    // Asked again next time: the masters may have been given a key by then.
    if (key === undefined) this.#sealingKey = undefined;
    return key;
  }

  async #askSealingKey(options: CallOptions): Promise<string | undefined> {
    const target = { verb: "get", group: "berth", resource: "sealing-key" } as const;
    try {
      const reply = await this.call(target, {}, options);
      const key = reply.type === "object" ? reply.object["publicKey"] : undefined;
      return typeof key === "string" ? key : undefined;
    } catch (error) {
      if (error instanceof BerthError && error.code === "NotFound") return undefined;
      throw error;
    }
  }

  /** Highest position that any answer showed. */
  get seen(): Position {
    return this.#seen;
  }
  saw(position: Position): void {
    if (position > this.#seen) this.#seen = position;
  }
  /** After a restored log: positions of the old one mean nothing any more. */
  forget(): void {
    this.#seen = positionZero;
  }

  /** Resolves with the reply; rejects with BerthError, whose code is the last failure's once the deadline has passed. */
  async call(target: Target, request: ApiRequest, options: CallOptions = {}): Promise<OkReply> {
    const { clock, random } = this.options.world;
    const timeoutMs = options.timeoutMs ?? this.options.timeoutMs;
    const deadline = clock.monotonic() + timeoutMs;
    const subject = apiSubject(this.options.prefix, { ...target, user: this.options.user });
    const body = this.#completed(target, request, options);
    let forgiven = false;
    for (let tries = 1; ; tries++) {
      options.signal?.throwIfAborted();
      const remainingMs = deadline - clock.monotonic();
      const longestMs = request.stream ? timeoutMs : this.options.attemptTimeoutMs;
      const attemptMs = Math.max(1, Math.min(longestMs, remainingMs));
      const minPosition = this.#minPosition(target, options);
      const attempt = minPosition === undefined ? body : { ...body, minPosition };
      const reply = await abortable(this.#attempt(subject, encode(attempt), attemptMs), options.signal);
      if (reply.ok) {
        this.#answered = true;
        this.saw(reply.position);
        return this.#opened(reply);
      }
      if (reply.error.code === "Expired" && minPosition !== undefined && !body.continue && !forgiven) {
        forgiven = true;
        this.forget();
        continue;
      }
      const pauseMs = pauseAfter(tries, random.next());
      // A stream that may have been opened is not opened again: an exec would run twice.
      const final = !passing.has(reply.error.code) || (request.stream && reply.error.code === "Timeout");
      if (final) throw new BerthError(reply.error);
      const spentMs = clock.monotonic() + pauseMs - (deadline - timeoutMs);
      if (spentMs >= timeoutMs) throw gaveUp(target, reply.error, { tries, timeoutMs });
      if (reply.error.code === "Unavailable" && !this.#answered && spentMs >= this.options.firstAnswerMs) {
        throw gaveUp(target, reply.error, { tries, timeoutMs: this.options.firstAnswerMs });
      }
      await clock.sleep(pauseMs, options.signal);
    }
  }

  #opened(reply: OkReply): OkReply {
    if (reply.type === "object") return { ...reply, object: this.secrets.opened(reply.object) };
    if (reply.type !== "list" || reply.kind !== "Secret") return reply;
    return { ...reply, items: reply.items.map((item) => this.secrets.opened(item)) };
  }

  #completed(target: Target, request: ApiRequest, options: CallOptions): ApiRequest {
    if (!mutatingVerbs.has(target.verb) || request.stream) {
      const sealTo = target.resource === "secrets" && { sealTo: this.secrets.publicKey };
      return { version: 1, ...request, ...sealTo };
    }
    const commandId: CommandId = unwrap(parseCommandId(options.commandId ?? this.options.world.ids.uuid()));
    return { version: 1, commandId, sentAt: this.options.world.clock.now(), ...request };
  }

  #minPosition(target: Target, options: CallOptions): Position | undefined {
    if (mutatingVerbs.has(target.verb) || options.stale || this.#seen === positionZero) return undefined;
    return this.#seen;
  }

  async #attempt(subject: string, data: Uint8Array, timeoutMs: number): Promise<ApiReply> {
    try {
      const message = await this.options.bus.request(subject, data, { timeoutMs });
      const value = decode(message.data);
      const reply = value.ok ? parseMessage("api-reply", value.value) : value;
      return reply.ok ? reply.value : { ok: false, version: 1, error: reply.error };
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      return { ok: false, version: 1, error: fromBus(error, this.options) };
    }
  }
}

function pauseAfter(tries: number, chance: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries - 1, 10));
  return pause * (1 - chance / 2);
}

function fromBus(error: BusError, { bus, prefix, user }: RequesterOptions): Failure {
  const where = bus.serverInfo.url || "the NATS server";
  switch (error.code) {
    case "NoResponders":
      return {
        code: "Unavailable",
        message: `no master of cluster ${JSON.stringify(prefix)} listens on ${where}; start one, or check --prefix and --server`,
      };
    case "Timeout":
      return { code: "Timeout", message: `no master answered on ${where}` };
    case "Disconnected":
      return { code: "Disconnected", message: `not connected to ${where}` };
    case "Closed":
      return { code: "BadRequest", message: "this client was closed" };
    case "TooLarge":
      return {
        code: "TooLarge",
        message: `the request is larger than the server's max_payload of ${bus.maxPayload} bytes`,
      };
    case "Denied":
      return {
        code: "Forbidden",
        message: `user ${JSON.stringify(user)} may not send this request: ${error.message}`,
      };
    case "Unsupported":
      return { code: "UnsupportedVersion", message: error.message };
    default:
      return assertNever(error.code, "bus error");
  }
}

function gaveUp(target: Target, last: Failure, spent: { tries: number; timeoutMs: number }): BerthError {
  const what = [target.verb, target.resource, target.name].filter(Boolean).join(" ");
  const times = spent.tries === 1 ? "one try" : `${spent.tries} tries`;
  const doubt =
    mutatingVerbs.has(target.verb) && last.code === "Timeout" ? "; whether it took effect is not known" : "";
  const message = `${last.message} (${what}: gave up after ${times} in ${spent.timeoutMs / 1000}s${doubt})`;
  return new BerthError({ ...last, message });
}

/** The promise, or the signal's reason if that comes first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
