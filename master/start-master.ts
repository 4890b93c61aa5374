// One master, put together: the cluster actor with its doors on the bus, and the read side beside it.

import {
  type ActorRef,
  type ActorSystem,
  type Bus,
  type BusSubscription,
  createActorSystem,
  type EventLog,
  type LoggerOptions,
  type NatsOptions,
  type World,
} from "../actors/mod.ts";
import {
  assertNever,
  type Epoch,
  type MasterId,
  parseMasterId,
  type Position,
  positionZero,
  type Prefix,
  type Result,
  unwrap,
} from "../protocol/mod.ts";
import { startApiService } from "./api/mod.ts";
import { defaultAutoscaleEveryMs } from "./autoscaling/mod.ts";
import { createClusterState, decide, evolve } from "./cluster/mod.ts";
import { createClusterActor, defaultBeatMs } from "./cluster-actor.ts";
import type { ClusterMessage, PodLocation } from "./cluster-message.ts";
import { controllers } from "./controllers/mod.ts";
import { Figures, listenToFigures } from "./figures/mod.ts";
import type { DecodeCommit } from "./journal/mod.ts";
import type { LeaderStatus, Standing } from "./leader-status.ts";
import { type ClusterConfig, defaultElectionTimes, type ElectionTimes } from "./leadership/mod.ts";
import { answerMasters } from "./master-messages.ts";
import { listenToNodes, pingAgent } from "./nodes/mod.ts";
import { createReadSide, keepReadWorker, startReadWorker } from "./reads/mod.ts";
import { planPods } from "./scheduler/mod.ts";
import { createVault } from "./secrets/mod.ts";
import type { Rules } from "./turn.ts";

export const defaultHeartbeatMs = 1_000;
/** Messages that wait for the cluster actor; beyond it agents send again and clients are told TooManyRequests. */
const clusterMailboxLimit = 16_384;
const askTimeoutMs = 2_000;
/** How long a leader that stops tries to hand over. */
const standDownTimeoutMs = 5_000;

export interface MasterOptions {
  readonly world: World;
  readonly bus: Bus;
  readonly log: EventLog;
  readonly prefix: Prefix;
  /** Name for people; the master's id is this and a suffix drawn at every start. At most 40 of A-Z a-z 0-9 _ -. */
  readonly id: string;
  /** Version of Berth, like 1.2.3. */
  readonly version: string;
  /** Used when the log is empty; later starts take what the log says. */
  readonly clusterConfig: ClusterConfig;
  /** Of the stream: 1 on a single server, 3 in production. Default 1. */
  readonly replicas?: number;
  /** Of agents; they are suspected after 3 and lost after 10 of these. Default 1 s. */
  readonly heartbeatMs?: number;
  readonly beatMs?: number;
  readonly election?: ElectionTimes;
  /** How often autoscalers look at their figures. Default 15 s. */
  readonly autoscaleEveryMs?: number;
  readonly readSide: ReadSideChoice;
  /** Several masters of one process may share what they decode of the same bytes. */
  readonly decodeCommit?: DecodeCommit;
  /** Keys that secrets are sealed with, 32 bytes each in base64: the first seals, all open. Without, there are no secrets. */
  readonly secretKeys?: readonly string[];
}

export type ReadSideChoice =
  /** On this thread: for tests and the simulation. */
  | { readonly type: "inline" }
  /** On a thread of its own, with its own connection. */
  | {
      readonly type: "worker";
      readonly nats: NatsOptions;
      readonly logger: Omit<LoggerOptions, "destination">;
    }
  | { readonly type: "none" };

export interface Master {
  readonly id: MasterId;
  readonly standing: Standing;
  readonly epoch: Epoch;
  /** Last accepted position that this master knows. */
  readonly position: Position;
  /** Resolves with what this master cannot go on after; its owner stops it and ends the process. */
  readonly failed: Promise<Error>;
  status(): Promise<LeaderStatus>;
  /** Hash of everything folded: equal logs give equal digests. Costs a walk over the whole state. */
  stateDigest(): string;
  /** Hands the leadership over if it has it, and stops. The bus stays open: it is the owner's. */
  stop(): Promise<void>;
}

export const rules: Rules = { decide, evolve, controllers, planPods };

/** Resolves when the log is there and this master hears requests; it leads when its claim is accepted. */
export async function startMaster(options: MasterOptions): Promise<Master> {
  const { world, bus, log, prefix, version, heartbeatMs = defaultHeartbeatMs } = options;
  const id = unwrap(parseMasterId(`${options.id}-${world.ids.suffix(6)}`));
  await log.ensure({ replicas: options.replicas ?? 1 });
  const system = createActorSystem(id, world);
  const state = createClusterState();
  const vault = options.secretKeys && unwrap(createVault(options.secretKeys));
  const figures = new Figures(world.clock);
  const view = { standing: "starting" as Standing, position: positionZero };
  const leads = (): boolean => view.standing === "leading";
  const cluster: ActorRef<ClusterMessage> = system.spawn<ClusterMessage>(
    "cluster",
    (context) =>
      createClusterActor(
        {
          ...options,
          master: id,
          config: options.clusterConfig,
          state,
          rules,
          heartbeatMs,
          vault,
          figures,
          autoscaleEveryMs: options.autoscaleEveryMs ?? defaultAutoscaleEveryMs,
          beatMs: options.beatMs ?? defaultBeatMs,
          election: options.election ?? defaultElectionTimes,
          onAccepted: ({ commit }) => {
            view.position = (commit.firstPosition + commit.events.length - 1) as Position;
          },
          onStanding: (standing) => {
            view.standing = standing;
          },
          ping: (node, point) => {
            void pingAgent(bus, prefix, node, { point, timeoutMs: heartbeatMs }).then((input) => {
              if (input) cluster.send({ type: "node", node, input });
            });
          },
        },
        context,
      ),
    // Its state is what was folded: made anew it would start from nothing in the middle of a term.
    { mailboxLimit: clusterMailboxLimit, supervisor: () => ({ type: "escalate" }) },
  );

  const status = (): Promise<LeaderStatus> =>
    system.ask<ClusterMessage, LeaderStatus>(
      cluster,
      (replyTo) => ({ type: "status", replyTo }),
      askTimeoutMs,
    );
  const subscriptions: BusSubscription[] = [
    listenToNodes({
      bus,
      prefix,
      leads,
      clock: world.clock,
      logger: world.logger,
      take: (node, input) => void cluster.send({ type: "node", node, input }),
    }),
    ...listenToFigures({ bus, prefix, clock: world.clock, logger: world.logger, figures }),
    ...answerMasters({
      bus,
      prefix,
      leads,
      status,
      position: () => view.position,
      onBeat: (beat) => void cluster.send({ type: "beat", beat }),
      logger: world.logger,
    }),
  ];
  // Reads first: while the door for requests stands open, somebody must be there to answer a read.
  const reads = await startReads(options, id);
  const api = await startApiService({
    world,
    bus,
    prefix,
    version,
    master: id,
    leads,
    position: () => view.position,
    command: (input) => cluster.send({ type: "command", input }),
    locate: (namespace, name) =>
      system.ask<ClusterMessage, Result<PodLocation>>(
        cluster,
        (replyTo) => ({ type: "locate-pod", namespace, name, replyTo }),
        askTimeoutMs,
      ),
  });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await standDown(system, cluster, options);
    for (const subscription of subscriptions) subscription.unsubscribe();
    await api.stop();
    await reads.stop();
    await system.stop();
  };

  return {
    id,
    get standing() {
      return view.standing;
    },
    get epoch() {
      return state.epoch;
    },
    get position() {
      return view.position;
    },
    failed: Promise.race([system.failed, reads.failed]),
    status,
    stateDigest: () => state.digest(),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function standDown(
  system: ActorSystem,
  cluster: ActorRef<ClusterMessage>,
  { world }: MasterOptions,
): Promise<void> {
  try {
    await system.ask<ClusterMessage, void>(
      cluster,
      (replyTo) => ({ type: "stand-down", replyTo }),
      standDownTimeoutMs,
    );
  } catch (error) {
    world.logger.warn(
      { error: String(error) },
      "the leadership was not handed over; others take over after a silence",
    );
  }
}

interface Reads {
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

async function startReads(options: MasterOptions, masterId: MasterId): Promise<Reads> {
  const { world, bus, log, prefix, version, readSide, secretKeys } = options;
  const startedAt = world.clock.now();
  const keys = secretKeys === undefined ? {} : { secretKeys };
  switch (readSide.type) {
    case "inline": {
      const { decodeCommit } = options;
      const own = { masterId, version, startedAt, decodeCommit };
      const reads = createReadSide({ world, bus, log, prefix, ...own, ...keys });
      reads.subscribe();
      await reads.start();
      return reads;
    }
    case "worker": {
      const { nats, logger } = readSide;
      const own = { nats, logger, prefix, masterId, version, startedAt, ...keys };
      const worker = keepReadWorker({
        clock: world.clock,
        logger: world.logger,
        start: () => startReadWorker(world.clock, own),
      });
      await worker.ready;
      return worker;
    }
    case "none":
      return { failed: new Promise(() => undefined), stop: () => Promise.resolve() };
    default:
      return assertNever(readSide);
  }
}
