// Log lines of simulated processes: part of the story, and some of them mean a bug whoever wrote them.

import type { Logger } from "../../../actors/mod.ts";
import type { SimProcess } from "../engine/process.ts";
import { type Eviction, Violation } from "../invariants/invariant.ts";
import type { SimCluster } from "./sim-cluster.ts";

/** Said when something threw that must not: a throw is a bug (docs/architecture.md, expected failures are values). */
const bugs: ReadonlySet<string> = new Set([
  "deciding a command failed",
  "a controller failed; its key waits for the next change",
  "a bus handler failed",
  "a listener of the bus's state failed",
  "an actor failed",
  "failed while it was stopped",
  "failed when it was stopped",
  "the supervisor failed itself",
  "an actor at the top of the system failed for good",
  "a read failed",
  "the mailbox is full: what is sent to it is refused",
  "the digest of a whole assignment differs from its pods",
]);

/** How the agent says that it lets a pod go (node-agent/pressure/pressure-watch.ts). */
const evictionMessage = "a pod is evicted";

export function processLogger(cluster: SimCluster, process: SimProcess): Logger {
  const say = (level: string, fields: object, message: string): void => {
    if (!process.alive) return;
    if (bugs.has(message) && cluster.plan.invariants && !isAllowed(fields)) {
      cluster.timeline.fail(new Violation("nothing throws", `${process.name}: ${message}: ${text(fields)}`));
    }
    if (message === evictionMessage) cluster.onEviction(process, fields as Eviction);
    cluster.trace.tell(process.name, () => `[${level}] ${message} ${text(fields)}`);
  };
  const logger: Logger = {
    debug: (fields, message) => say("debug", fields, message),
    info: (fields, message) => say("info", fields, message),
    warn: (fields, message) => say("warn", fields, message),
    error: (fields, message) => say("error", fields, message),
    child: () => logger,
  };
  return logger;
}

/** A disk that is full may end an agent; it says so. */
const isAllowed = (fields: object): boolean => {
  const error: unknown = Reflect.get(fields, "error");
  return error instanceof Error && error.message.includes("ENOSPC");
};

function text(fields: object): string {
  return JSON.stringify(fields, (_key, value: unknown) =>
    value instanceof Error ? (value.stack ?? value.message).split("\n").slice(0, 6).join(" | ") : value,
  ).slice(0, 1_000);
}
