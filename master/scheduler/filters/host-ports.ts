// Two pods of one node cannot have the same host port. Every address conflicts with a wildcard one.

import { isFinished, type PodRow, type SchedulingSnapshot } from "../../cluster/mod.ts";
import type { Candidate } from "../candidate.ts";
import type { Filter } from "./filter.ts";

const reasons = ["node(s) didn't have free ports for the requested pod ports"];

interface HostPort {
  readonly ip: string;
  /** Protocol and port. */
  readonly rest: string;
}

const isWildcard = (ip: string): boolean => ip === "" || ip === "0.0.0.0" || ip === "::";

/** Takes `ip/protocol/port` apart; an IPv6 address holds no slash, so the first one ends the address. */
function parseHostPort(text: string): HostPort {
  const slash = text.indexOf("/");
  return { ip: text.slice(0, slash), rest: text.slice(slash) };
}

export function conflicts(one: string, other: string): boolean {
  const a = parseHostPort(one);
  const b = parseHostPort(other);
  return a.rest === b.rest && (a.ip === b.ip || isWildcard(a.ip) || isWildcard(b.ip));
}

function taken(pod: PodRow, snapshot: SchedulingSnapshot, { row, plannedHostPorts }: Candidate): boolean {
  const wants = (port: string): boolean => pod.hostPorts.some((wanted) => conflicts(wanted, port));
  if (plannedHostPorts.some(wants)) return true;
  if (pod.hostPorts.some((wanted) => snapshot.hostPortTaken(row.name, wanted))) return true;
  for (const other of snapshot.podsOnNode(row.name)) {
    if (!isFinished(other) && other.hostPorts.some(wants)) return true;
  }
  return false;
}

export const hostPorts: Filter = {
  name: "host ports",
  changesWithPlacement: true,
  prepare: (pod, snapshot) =>
    pod.hostPorts.length === 0
      ? undefined
      : (candidate) => (taken(pod, snapshot, candidate) ? reasons : undefined),
};
