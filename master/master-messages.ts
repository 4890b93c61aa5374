// What masters say to each other: beats, and the leader's answers about its position and what only it knows.

import type { Bus, BusSubscription, Logger } from "../actors/mod.ts";
import {
  type BeatMessage,
  decode,
  encode,
  encodeJson,
  masterSubject,
  parseMessage,
  type Position,
  type Prefix,
} from "../protocol/mod.ts";
import type { LeaderStatus } from "./leader-status.ts";
import type { LiveStatus, PositionReply } from "./reads/mod.ts";

export interface MasterMessagesOptions {
  readonly bus: Bus;
  readonly prefix: Prefix;
  readonly logger: Logger;
  readonly leads: () => boolean;
  readonly position: () => Position;
  readonly status: () => Promise<LeaderStatus>;
  readonly onBeat: (beat: BeatMessage) => void;
}

export function answerMasters(options: MasterMessagesOptions): readonly BusSubscription[] {
  const { bus, prefix, logger, leads, position, status, onBeat } = options;
  return [
    bus.subscribe(masterSubject(prefix, "beat"), (message) => {
      const body = decode(message.data, { maxBytes: 4096 });
      const beat = body.ok ? parseMessage("beat", body.value) : body;
      if (beat.ok) onBeat(beat.value);
    }),
    bus.subscribe(masterSubject(prefix, "position"), (message) => {
      if (leads()) message.respond(encode({ version: 1, position: position() } satisfies PositionReply));
    }),
    bus.subscribe(masterSubject(prefix, "status"), (message) => {
      if (!leads()) return;
      status().then(
        (found) => message.respond(encodeJson(liveStatus(found))),
        (error: unknown) => logger.warn({ error: String(error) }, "the status was not answered"),
      );
    }),
  ];
}

const liveStatus = ({ nodes, notices }: LeaderStatus): LiveStatus => ({
  version: 1,
  kind: "leader",
  nodes: nodes.map(({ name, lastSeenMs, inSync }) => ({
    name,
    inSync,
    ...(lastSeenMs !== undefined && { lastSeenMs }),
  })),
  notices,
});
