// The log and its writers: one leader an epoch, commands that take effect once, events that say who and why.

import type { Uid } from "../../../protocol/mod.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

export const oneWriterPerEpoch: MakeInvariant = (cluster): Invariant => {
  const name = "one writer per epoch";
  return {
    name,
    accepted({ commit, writer, sequence }) {
      const { leader } = cluster.oracle;
      must(
        writer === leader,
        name,
        () => `sequence ${sequence} of epoch ${commit.epoch} is by ${writer}, and ${leader} leads`,
      );
    },
  };
};

/** A command's id stands as cause in one commit only, however often it was sent. */
export const commandsTakeEffectOnce: MakeInvariant = (cluster): Invariant => {
  const name = "a command takes effect once";
  return {
    name,
    accepted({ commit, sequence }) {
      for (const { cause, type } of commit.events) {
        if (typeof cause !== "string") continue;
        const first = cluster.oracle.commands.get(cause);
        must(
          first === sequence,
          name,
          () => `command ${cause} led to ${type} at sequence ${sequence}, and took effect at ${first} before`,
        );
      }
    },
  };
};

const principal = /^(user:.+|node:.+|controller:[a-z-]+|scheduler|master:.+)$/;
const needNoCause: ReadonlySet<string> = new Set([
  "LogCreated",
  "LevelRaised",
  "ClusterConfigured",
  "LeaderElected",
  "LeaderStoodDown",
  "LeasesConfirmed",
]);

export const changesSayWhoAndWhy: MakeInvariant = (): Invariant => {
  const name = "changes say who and why";
  let lastAt = 0;
  return {
    name,
    before(event) {
      must(principal.test(event.by), name, () => `${event.type} at ${event.position} is by "${event.by}"`);
      must(event.at >= lastAt, name, () => `${event.type} at ${event.position} goes back in time`);
      lastAt = event.at;
      const owes =
        event.by.startsWith("controller:") &&
        event.by !== "controller:liveness" &&
        !needNoCause.has(event.type);
      must(
        !owes || event.cause !== undefined,
        name,
        () => `${event.type} at ${event.position} by ${event.by} names no cause`,
      );
      if (typeof event.cause === "number") {
        const { cause } = event;
        must(cause < event.position, name, () => `${event.type} at ${event.position} is caused by ${cause}`);
      }
    },
  };
};

/** Uids and names are given once: what is gone stays gone. */
export const objectsLiveOnce: MakeInvariant = (cluster): Invariant => {
  const name = "an object lives once";
  const gone = new Set<Uid>();
  return {
    name,
    before(event) {
      if (!("object" in event)) return;
      const { object } = event;
      must(
        !gone.has(object.uid),
        name,
        () => `${event.type} at ${event.position} is about ${object.kind} ${object.name}, which is deleted`,
      );
      if (event.type === "ObjectDeleted") gone.add(object.uid);
      if (event.type !== "ObjectCreated" && event.type !== "PodCreated") return;
      const present = cluster.oracle.state.render(object.kind, object.namespace, object.name);
      must(
        present === undefined,
        name,
        () => `${object.kind} ${object.namespace}/${object.name} is created at ${event.position} and exists`,
      );
    },
  };
};

/** No master says anything to an agent that the log has not accepted. */
export const persistBeforeSpeaking: MakeInvariant = (cluster): Invariant => {
  const name = "persist before you speak";
  return {
    name,
    sent(process, subject, data) {
      if (!subject.startsWith("berth.agent.") && !subject.startsWith("berth.endpoints.")) return;
      if (!subject.endsWith(".assign") && !subject.startsWith("berth.endpoints.")) return;
      if (!cluster.masters.some((place) => place.process === process)) return;
      const to = cluster.decoded(data)?.["to"];
      if (typeof to !== "number") return;
      const { position } = cluster.oracle;
      must(
        to <= position,
        name,
        () => `${process.name} says ${subject} as of position ${to}, and the log has ${position}`,
      );
    },
  };
};

/** A master that has read what it does not know may not claim, and writes nothing. */
export const whoCannotReadMayNotWrite: MakeInvariant = (cluster): Invariant => {
  const name = "who cannot read the log does not write it";
  return {
    name,
    accepted({ sequence, writer }) {
      const { nextVersionSince } = cluster.oracle;
      if (nextVersionSince === undefined || sequence <= nextVersionSince) return;
      must(
        cluster.nextWriters.has(writer),
        name,
        () => `${writer} wrote ${sequence}; since ${nextVersionSince} the next version is needed`,
      );
    },
  };
};
