// The read side of a master: a fold of its own over accepted commits, and everything that is asked of it. It runs
// on the master's thread in tests and in the simulation, and on a thread of its own in production (worker.ts).

import { createHash } from "node:crypto";
import {
  type Bus,
  BusError,
  type BusMessage,
  type BusSubscription,
  type EventLog,
  type World,
} from "../../actors/mod.ts";
import {
  type ApiRequest,
  type ApiTarget,
  apiReadWildcards,
  decodeBody,
  encodeJson,
  type MasterId,
  masterSubject,
  parseApiSubject,
  type Prefix,
  unwrap,
} from "../../protocol/mod.ts";
import { Figures, listenToFigures } from "../figures/mod.ts";
import { EventReader } from "../history/mod.ts";
import type { DecodeCommit } from "../journal/mod.ts";
import { createVault, revealSecret } from "../secrets/mod.ts";
import { AcceptedFold } from "./accepted-fold.ts";
import { refused, respond } from "./answer.ts";
import { createEventPublisher } from "./event-publisher.ts";
import { HeldRequests } from "./held-requests.ts";
import { LeaderPosition } from "./leader-position.ts";
import { type MasterPresence, StatusGatherer } from "./live-status.ts";
import { PinnedLists } from "./pinned-lists.ts";
import { Questions } from "./questions.ts";
import type { Reveal } from "./reveal.ts";
import { parseReadRequest } from "./read-request.ts";
import { berthGroup, isRead, isStatus, usageGroup } from "./read-target.ts";
import { WatchHub } from "./watch-hub.ts";

export interface ReadSideOptions {
  readonly world: World;
  readonly bus: Bus;
  readonly log: EventLog;
  readonly prefix: Prefix;
  /** The master that this read side belongs to: it answers when the log says that this one leads. */
  readonly masterId: MasterId;
  /** Version of Berth. */
  readonly version: string;
  readonly startedAt: number;
  /** As the master's: secrets are opened for those who ask. */
  readonly secretKeys?: readonly string[];
  readonly decodeCommit?: DecodeCommit | undefined;
}

export interface ReadSide {
  /** Resolves when everything in the log is folded and requests are answered. */
  start(): Promise<void>;
  /** Subscribes to the API by itself and ignores what is not a read. Not needed where `handle` is called. */
  subscribe(): void;
  /** Answers a read that was taken apart elsewhere; does nothing for anything else. */
  handle(message: BusMessage, target: ApiTarget, request: ApiRequest): Promise<void>;
  readonly fold: AcceptedFold;
  /** Resolves with what ended the folding. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

interface Asked {
  readonly message: BusMessage;
  readonly target: ApiTarget;
  readonly request: ApiRequest;
}

export function createReadSide(options: ReadSideOptions): ReadSide {
  const { world, bus, log, prefix, masterId } = options;
  const fold = new AcceptedFold({
    log,
    clock: world.clock,
    logger: world.logger,
    decode: options.decodeCommit,
  });
  const reader = new EventReader(log, fold.index);
  const vault = options.secretKeys && unwrap(createVault(options.secretKeys));
  const { ids } = world;
  // Three ids hold more chance than a key has bits.
  const seed = (): Uint8Array =>
    createHash("sha256").update(`${ids.uuid()}${ids.uuid()}${ids.uuid()}`).digest();
  const reveal: Reveal = (object, to) =>
    revealSecret(object, vault, to === undefined ? undefined : { to, seed });
  const watches = new WatchHub({ fold, reader, bus, world, prefix, reveal });
  const pinned = new PinnedLists(world, masterId);
  const gatherer = new StatusGatherer(bus, world, prefix);
  const figures = new Figures(world.clock);
  const questions = new Questions({
    fold,
    figures,
    clock: world.clock,
    reader,
    watches,
    log,
    bus,
    prefix,
    release: options.version,
    pinned,
    reveal,
    sealingKey: () => vault?.publicKey,
    leader: new LeaderPosition(bus, log, prefix),
    gatherer,
  });
  const held = new HeldRequests<Asked>(world.clock);
  const subscriptions: BusSubscription[] = [];
  let caughtUp = false;
  let led = false;
  const leads = (): boolean => caughtUp && fold.state.leader === masterId;
  // What stands still is no answer to anyone.
  let stands = false;
  const stand = (): void => {
    stands = true;
    caughtUp = false;
  };
  void fold.failed.then(stand);
  void fold.halted.then(stand);

  fold.listen(watches);
  fold.listen(createEventPublisher({ bus, prefix, isDue: leads }));
  fold.listen({
    afterCommit() {
      if (leads() && !led) for (const asked of held.take()) void answer(asked);
      led = leads();
    },
  });

  async function answer({ message, target, request }: Asked): Promise<void> {
    try {
      respond(message, await questions.answer(message, target, request), bus.maxPayload);
    } catch (error) {
      if (error instanceof BusError) {
        const away = {
          code: "Unavailable",
          message: `this master lost its server: ${error.message}`,
        } as const;
        respond(message, refused(away), bus.maxPayload);
        return;
      }
      world.logger.error({ subject: message.subject, error: String(error) }, "a read failed");
      const failure = { code: "Internal", message: "the read failed; the master's log says more" } as const;
      respond(message, refused(failure), bus.maxPayload);
    }
  }

  /** The status is asked for when no leader is there, most of all: then every master says what it knows. */
  async function answerForLeader(asked: Asked): Promise<void> {
    const { masters } = await gatherer.gather();
    if (!masters.some(({ leader }) => leader)) await answer(asked);
  }

  /** Every master answers, but for what is a matter of one: a watch of the leader, a page of who began the list. */
  function answersStale({ target, request }: Asked): boolean {
    if (target.verb === "watch") return leads();
    const isPinned = target.group !== berthGroup && target.group !== usageGroup;
    const isPage = request.continue !== undefined && isPinned;
    return !isPage || pinned.gave(request.continue);
  }

  async function handle(message: BusMessage, target: ApiTarget, request: ApiRequest): Promise<void> {
    if (!isRead(target) || message.reply === undefined) return;
    const asked = { message, target, request };
    if (request.stale ? caughtUp && answersStale(asked) : leads()) await answer(asked);
    else if (caughtUp && isStatus(target)) await answerForLeader(asked);
    else if (target.verb !== "watch") held.hold(asked);
  }

  function onMessage(message: BusMessage): void {
    const target = parseApiSubject(prefix, message.subject);
    if (!target.ok || !isRead(target.value)) return;
    const { body } = decodeBody(message.data, message.headers);
    const request = body.ok ? parseReadRequest(body.value) : body;
    if (request.ok) void handle(message, target.value, request.value);
    else if (leads()) respond(message, refused(request.error), bus.maxPayload);
  }

  const presence = (): MasterPresence => ({
    version: 1,
    kind: "master",
    id: masterId,
    leader: leads(),
    position: fold.position,
    release: options.version,
    startedAt: options.startedAt,
  });

  return {
    fold,
    failed: fold.failed,
    handle,
    subscribe() {
      for (const subject of apiReadWildcards(prefix)) subscriptions.push(bus.subscribe(subject, onMessage));
    },
    async start() {
      const failed = await Promise.race([fold.start(), fold.failed]);
      if (failed) throw failed;
      caughtUp = !stands;
      led = leads();
      const { clock, logger } = world;
      subscriptions.push(...listenToFigures({ bus, prefix, clock, logger, figures }));
      const status = masterSubject(prefix, "status");
      subscriptions.push(bus.subscribe(status, (message) => message.respond(encodeJson(presence()))));
    },
    async stop() {
      for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
      watches.stop();
      await fold.stop();
    },
  };
}
