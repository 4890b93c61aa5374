// The cluster actor: folds the log, claims the leadership when it is vacant, and holds a term while it leads.
// It alone changes the state. What is slow, and every read, happens elsewhere.

import type { Actor, ActorContext, Bus, EventLog } from "../actors/mod.ts";
import {
  assertNever,
  type BeatMessage,
  encode,
  type LogPoint,
  type MasterId,
  masterSubject,
  type NodeName,
  type Prefix,
  success,
} from "../protocol/mod.ts";
import type { ClusterState } from "./cluster/contract.ts";
import { notFound } from "./cluster/mod.ts";
import type { ClusterMessage } from "./cluster-message.ts";
import type { Figures } from "./figures/mod.ts";
import {
  createJournal,
  type DecodeCommit,
  type Draft,
  type Journal,
  type News,
  placedEvents,
} from "./journal/mod.ts";
import { unknownEvent, whyUnknown } from "./known-events.ts";
import type { LeaderStatus, Standing } from "./leader-status.ts";
import {
  type ClusterConfig,
  createElection,
  createLeaderTime,
  draftClaim,
  draftStandDown,
  type Election,
  type ElectionTimes,
  whyClockIsOff,
} from "./leadership/mod.ts";
import type { Vault } from "./secrets/mod.ts";
import { createTerm, type Term } from "./term.ts";
import type { Rules } from "./turn.ts";

/** The leader beats when it has committed nothing for this long. */
export const defaultBeatMs = 500;
/** A leader whose oldest append waits longer than this stops beating: another may do better. */
const longestSilentAppendMs = 5_000;
const catchUpRetryMs = 500;
/** News that are handled before the mailbox gets its turn. */
const newsAtATime = 256;

export type AcceptedNews = Extract<News, { readonly type: "accepted" }>;

export interface ClusterActorOptions {
  readonly bus: Bus;
  readonly log: EventLog;
  readonly prefix: Prefix;
  readonly master: MasterId;
  readonly config: ClusterConfig;
  readonly state: ClusterState;
  readonly rules: Rules;
  readonly heartbeatMs: number;
  readonly beatMs: number;
  readonly vault: Vault | undefined;
  readonly figures: Figures;
  readonly autoscaleEveryMs: number;
  readonly election: ElectionTimes;
  readonly decodeCommit?: DecodeCommit;
  /** Every accepted commit, in order, after it was folded. */
  readonly onAccepted: (news: AcceptedNews) => void;
  readonly onStanding: (standing: Standing) => void;
  readonly ping: (node: NodeName, point: LogPoint) => void;
}

export function createClusterActor(
  options: ClusterActorOptions,
  context: ActorContext<ClusterMessage>,
): Actor<ClusterMessage> {
  const { bus, log, prefix, master, state, rules, beatMs } = options;
  const { clock, logger, timers, self } = context;
  const journal: Journal = createJournal({
    log,
    clock,
    logger,
    writer: `${master}.${context.ids.uuid()}`,
    decode: options.decodeCommit,
    wake,
  });
  const election: Election = createElection(clock.monotonic(), context.random, options.election);
  let standing: Standing = "starting";
  let term: Term | undefined;
  let leaderTime = createLeaderTime(clock, 0);
  let claim: Draft | undefined;
  let vacant = true;
  let checkingClaim = false;
  let woken = false;
  let lastSpoke = clock.monotonic();
  let halted: string | undefined;
  let leaving: { readonly draft: Draft; readonly done: () => void } | undefined;

  // A follower reconciles nothing, and a term marks everything anyway: marking keys while folding would be wasted.
  state.markAllDirty();
  journal.start();
  catchUp();
  timers.every("tick", beatMs / 2, { type: "tick" });

  function catchUp(): void {
    journal.catchUp().catch((error: unknown) => {
      logger.error({ error: String(error) }, "the log cannot be read; trying again");
      clock.after(catchUpRetryMs, catchUp);
    });
  }

  /** One wake-up stands for any number of news; it may come from outside of a receive. */
  function wake(): void {
    if (woken) return;
    woken = true;
    if (self.send({ type: "journal" })) return;
    woken = false;
    clock.after(1, wake);
  }

  /** Behind pending I/O, so that a turn takes all that has come, and a long cascade leaves room for the rest. */
  function wantTurn(): void {
    if (!timers.has("turn")) timers.once("turn", 0, { type: "turn" });
  }

  function become(next: Standing): void {
    if (standing === next) return;
    standing = next;
    logger.info({ standing: next, epoch: state.epoch, position: journal.chain.position }, `now ${next}`);
    options.onStanding(next);
  }

  function halt(reason: string): void {
    halted = reason;
    term?.end();
    term = undefined;
    become("halted");
    logger.error({ reason }, "this master stops folding the log and will not lead");
  }

  // ---- news of the log ----

  function hearNews(): void {
    woken = false;
    for (let count = 0; count < newsAtATime; count++) {
      if (halted !== undefined) return;
      const news = journal.next();
      if (!news) return;
      hear(news);
    }
    wake();
  }

  function hear(news: News): void {
    switch (news.type) {
      case "accepted":
        return accept(news);
      case "skipped":
        return logger.warn(
          { sequence: news.sequence, reason: news.reason },
          "a stored commit does not count",
        );
      case "claim-failed":
        claim = undefined;
        election.claimFailed(clock.monotonic());
        if (standing === "claiming") become("following");
        return;
      case "caught-up":
        if (standing !== "starting") return;
        become("following");
        if (vacant) election.vacant(clock.monotonic());
        else election.heard(clock.monotonic());
        return;
      case "broken":
        return halt(news.reason);
      default:
        return assertNever(news);
    }
  }

  function accept(news: AcceptedNews): void {
    const { own, commit } = news;
    if (own && term && own !== leaving?.draft) {
      lastSpoke = clock.monotonic();
      term.accepted(own);
      options.onAccepted(news);
      return;
    }
    if (!own && term) deposed(news);
    const unknown = unknownEvent(commit);
    if (unknown) return halt(whyUnknown(unknown));
    fold(news);
    options.onAccepted(news);
    if (own && own === claim && standing === "claiming") lead();
    if (own && own === leaving?.draft) leaving.done();
  }

  /** The chain accepts a foreign commit only if it claims a higher epoch. */
  function deposed({ commit }: AcceptedNews): void {
    logger.warn(
      { epoch: state.epoch, by: commit.epoch, lost: journal.underWay },
      "deposed by a higher epoch",
    );
    journal.abandon();
    term?.end();
    term = undefined;
    state.markAllDirty();
    if (leaving) return leaving.done();
    become("following");
  }

  function fold({ commit }: AcceptedNews): void {
    for (const event of placedEvents(commit)) {
      rules.evolve(state, event);
      if (event.type === "LeaderElected") vacant = false;
      else if (event.type === "LeaderStoodDown") vacant = true;
    }
    if (standing === "starting") return;
    if (vacant) election.vacant(clock.monotonic());
    else election.heard(clock.monotonic());
  }

  // ---- leading ----

  function considerClaim(): void {
    if (standing !== "following" || checkingClaim || leaving || clock.monotonic() < election.claimAt) return;
    checkingClaim = true;
    context.pipe(
      log.info(),
      ({ lastSequence, serverTime }) => ({ type: "claim", lastSequence, serverTime }),
      (error) => ({ type: "claim-postponed", reason: error.message }),
    );
  }

  function makeClaim(lastSequence: number, serverTime: number | undefined): void {
    checkingClaim = false;
    // Something was read or heard meanwhile: look again with the next tick.
    if (standing !== "following" || leaving || clock.monotonic() < election.claimAt) return;
    if (lastSequence > journal.seen) return;
    const clockOff = serverTime === undefined ? undefined : whyClockIsOff(clock.now(), serverTime);
    if (clockOff) {
      logger.error({ reason: clockOff }, "this master may not claim the leadership");
      election.claimFailed(clock.monotonic());
      return;
    }
    const { ids } = context;
    // ★ From here on by the monotonic clock: leases are counted from the claim, and a wall clock may jump.
    leaderTime = createLeaderTime(clock, state.at);
    const now = leaderTime();
    const decideContext = { now, uuid: () => ids.uuid(), suffix: (length: number) => ids.suffix(length) };
    claim = draftClaim({ state, rules, context: decideContext, master, config: options.config });
    become("claiming");
    journal.append(claim);
  }

  function lead(): void {
    claim = undefined;
    lastSpoke = clock.monotonic();
    term = createTerm({
      world: context,
      now: leaderTime,
      prefix,
      state,
      rules,
      journal,
      heartbeatMs: options.heartbeatMs,
      vault: options.vault,
      figures: options.figures,
      autoscaleEveryMs: options.autoscaleEveryMs,
      publish,
      ping,
      wantTurn,
      wantTurnIn: (delayMs) => timers.once("due", delayMs, { type: "turn" }),
    });
    become("leading");
    beat();
  }

  function ping(node: NodeName): void {
    const { logId, epoch } = state;
    if (logId !== undefined) options.ping(node, { logId, epoch, position: journal.chain.position });
  }

  function publish(subject: string, message: object): void {
    try {
      bus.publish(subject, encode(message));
    } catch (error) {
      logger.error({ error: String(error), subject }, "a message was not sent");
    }
  }

  function beat(): void {
    const { logId, epoch } = state;
    if (logId === undefined) return;
    lastSpoke = clock.monotonic();
    const { position } = journal.chain;
    const message: BeatMessage = { version: 1, master, epoch, logId, position, at: clock.now() };
    publish(masterSubject(prefix, "beat"), message);
  }

  function tick(): void {
    if (standing === "following") return considerClaim();
    if (!term) return;
    term.tick();
    const now = clock.monotonic();
    const stuck = now - (journal.waitingSince ?? now) > longestSilentAppendMs;
    if (!stuck && now - lastSpoke >= beatMs) beat();
  }

  function hearBeat({ master: leader, epoch }: BeatMessage): void {
    if (leader === master || epoch < journal.chain.epoch || vacant) return;
    if (standing === "following") election.heard(clock.monotonic());
  }

  /** The last commit of a term; what waited is told that nobody leads, what is under way is still answered. */
  function standDown(done: () => void): void {
    if (standing !== "leading" || !term || leaving) {
      if (standing !== "halted") become("leaving");
      return done();
    }
    const draft = draftStandDown(state, master, Math.max(term.now(), state.at));
    leaving = { draft, done };
    become("leaving");
    journal.append(draft);
  }

  function status(): LeaderStatus {
    const nodes = [...state.nodes()].map(({ name }) => ({
      name,
      lastSeenMs: term?.desk.lastSeenMs(name),
      inSync: term?.desk.inSync(name) ?? false,
    }));
    const { epoch, position, skipped } = journal.chain;
    const notices = [...(term?.desk.notices ?? []), ...(halted === undefined ? [] : [halted])];
    const { logId } = state;
    const { underWay } = journal;
    return { master, standing, logId, epoch, position, skippedCommits: skipped, underWay, nodes, notices };
  }

  const leads = (): Term | undefined => (standing === "leading" ? term : undefined);

  function receive(message: ClusterMessage): void {
    switch (message.type) {
      case "journal":
        return hearNews();
      case "turn":
        return leads()?.takeTurn();
      case "tick":
        return tick();
      // Whoever leads now has it too: a master that doesn't lead says nothing.
      case "command":
        return leads()?.command(message.input);
      case "node":
        return leads()?.node(message.node, message.input);
      case "beat":
        return hearBeat(message.beat);
      case "claim":
        return makeClaim(message.lastSequence, message.serverTime);
      case "claim-postponed":
        checkingClaim = false;
        return logger.warn({ reason: message.reason }, "the log does not answer; no claim is made");
      case "locate-pod": {
        const row = state.podNamed(message.namespace, message.name);
        const missing = notFound({ kind: "Pod", namespace: message.namespace, name: message.name });
        const annotations = row?.metadata.annotations ?? {};
        const found = row && success({ uid: row.ref.uid, node: row.node, spec: row.spec, annotations });
        return message.replyTo.reply(found ?? missing);
      }
      case "status":
        return message.replyTo.reply(status());
      case "stand-down":
        return standDown(() => message.replyTo.reply());
      default:
        return assertNever(message);
    }
  }

  return {
    receive,
    async stopped() {
      term?.end();
      term = undefined;
      await journal.stop();
    },
  };
}
