// Who is alive, judged by what was heard on the leader's monotonic clock. Pure but for its memory: it sends nothing
// and decides nothing; it names the pings to send and the commands to run.

import type { NodeCommand, NodeName, SessionId } from "../../protocol/mod.ts";

export interface LivenessTimes {
  readonly heartbeatMs: number;
  readonly suspectAfterMs: number;
  readonly loseAfterMs: number;
}
export const livenessTimes = (heartbeatMs: number): LivenessTimes => ({
  heartbeatMs,
  suspectAfterMs: 3 * heartbeatMs,
  loseAfterMs: 10 * heartbeatMs,
});

/** ★ If over a fifth of the nodes, and at least three, are silent together, it may be us who hears nothing. */
const massSilenceShare = 1 / 5;
const massSilenceLeast = 3;
/** Replacement is paced: at most this share of the nodes, one at least, is declared lost in one second. */
const lostShareASecond = 1 / 20;
const paceMs = 1_000;

/** What liveness needs to know of a node. */
export interface WatchedNode {
  readonly name: NodeName;
  readonly state: "Ready" | "Suspected" | "Lost";
  readonly session: SessionId;
}

export interface Judgement {
  readonly pings: readonly NodeName[];
  readonly commands: readonly NodeCommand[];
  /** Nodes that are past their time, and are not declared lost because too many are silent together. */
  readonly heldBack: readonly NodeName[];
  /** Nodes that wait for their turn to be declared lost. */
  readonly paced: number;
}

export interface Liveness {
  /** Any message of the node's present session. */
  heard(node: NodeName, now: number): void;
  /** The bus says that nobody listens for this node: suspected at once, lost no sooner than by time. */
  noResponders(node: NodeName): void;
  /** Deadlines start afresh: after a claim, or when our own loop stood still. */
  restart(now: number): void;
  /** Called when everything that waited in the mailbox was heard. */
  judge(nodes: Iterable<WatchedNode>, now: number): Judgement;
  /** Milliseconds of silence; undefined for a node that this leader has not heard. */
  silentMs(node: NodeName, now: number): number | undefined;
}

interface Heard {
  at: number;
  /** It spoke itself since it was last suspected or everything started afresh. */
  spoke: boolean;
  gone: boolean;
  pingedAt: number;
}

export function createLiveness(times: LivenessTimes): Liveness {
  const heardOf = new Map<NodeName, Heard>();
  let lostSince = { at: Number.NEGATIVE_INFINITY, count: 0 };

  function entry(node: NodeName, now: number): Heard {
    const known = heardOf.get(node);
    if (known) return known;
    const fresh = { at: now, spoke: false, gone: false, pingedAt: Number.NEGATIVE_INFINITY };
    heardOf.set(node, fresh);
    return fresh;
  }

  function mayLose(total: number, now: number): boolean {
    if (now - lostSince.at >= paceMs) lostSince = { at: now, count: 0 };
    if (lostSince.count >= Math.max(1, Math.floor(total * lostShareASecond))) return false;
    lostSince.count++;
    return true;
  }

  function suspects(nodes: readonly WatchedNode[], now: number): WatchedNode[] {
    return nodes.filter((node) => {
      if (node.state === "Lost") return false;
      const heard = entry(node.name, now);
      return heard.gone || now - heard.at >= times.suspectAfterMs;
    });
  }

  return {
    heard(node, now) {
      const known = entry(node, now);
      known.at = now;
      known.spoke = true;
      known.gone = false;
    },
    noResponders(node) {
      const known = heardOf.get(node);
      if (known) known.gone = true;
    },
    restart(now) {
      for (const heard of heardOf.values()) {
        heard.at = now;
        heard.gone = false;
        heard.spoke = false;
        heard.pingedAt = Number.NEGATIVE_INFINITY;
      }
    },
    judge(watched, now) {
      const nodes = [...watched];
      const pings: NodeName[] = [];
      const commands: NodeCommand[] = [];
      const overdue: WatchedNode[] = [];
      const silent = suspects(nodes, now);
      const alive = nodes.filter(({ state }) => state !== "Lost").length;
      const together = silent.length >= massSilenceLeast && silent.length > alive * massSilenceShare;
      for (const node of silent) {
        const heard = entry(node.name, now);
        const silentMs = Math.round(now - heard.at);
        if (node.state === "Ready") {
          heard.spoke = false;
          commands.push({ type: "SuspectNode", node: node.name, silentMs });
        }
        if (silentMs >= times.loseAfterMs) overdue.push(node);
      }
      let paced = 0;
      for (const { name } of together ? [] : overdue) {
        const silentMs = Math.round(now - entry(name, now).at);
        if (mayLose(alive, now)) commands.push({ type: "LoseNode", node: name, silentMs });
        else paced++;
      }
      for (const { name, state, session } of nodes) {
        const heard = entry(name, now);
        if (state !== "Ready" && heard.spoke && now - heard.at < times.suspectAfterMs) {
          commands.push({ type: "RecoverNode", node: name, session });
        }
        const missed = now - heard.at > 1.5 * times.heartbeatMs;
        if (state !== "Lost" && missed && now - heard.pingedAt >= times.heartbeatMs) {
          heard.pingedAt = now;
          pings.push(name);
        }
      }
      forgetAllBut(nodes);
      return { pings, commands, heldBack: together ? overdue.map(({ name }) => name) : [], paced };
    },
    silentMs(node, now) {
      const heard = heardOf.get(node);
      return heard && Math.round(now - heard.at);
    },
  };

  function forgetAllBut(nodes: readonly WatchedNode[]): void {
    if (heardOf.size <= nodes.length) return;
    const names = new Set(nodes.map(({ name }) => name));
    for (const name of heardOf.keys()) if (!names.has(name)) heardOf.delete(name);
  }
}
