// Reads the system's table of processes (/proc): who lives, who belongs to a container.
// Elsewhere than on Linux only "is this pid alive" is known.

import { readdir, readFile } from "node:fs/promises";
import { readText, type ProcessIdentity } from "./wrapper.ts";

/** Environment variable that every process of a container carries, so that strays can be found. */
export const containerMarker = "BERTH_CONTAINER";

let bootId: string | undefined;
function currentBoot(): string {
  bootId ??= readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "-";
  return bootId;
}

export interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Its own, and of children that it has waited for. */
  readonly cpuTicks: number;
  readonly start: string;
  readonly residentPages: number;
}

/** Fields of /proc/<pid>/stat after the command name, which may hold anything (proc(5)). */
export function parseStat(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (index: number): number => Number(fields[index]);
  if (fields.length < 22) return undefined;
  return {
    state: fields[0] ?? "?",
    parent: number(1),
    group: number(2),
    session: number(3),
    cpuTicks: number(11) + number(12) + number(13) + number(14),
    start: fields[19] ?? "-",
    residentPages: number(21),
  };
}

export function readStat(pid: number): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Of a process that lives. */
export const identityOf = (pid: number): ProcessIdentity => {
  const start = readStat(pid)?.start ?? "-";
  return { pid, start, boot: start === "-" ? "-" : currentBoot() };
};

/** True while this very process exists and is no zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.start === "-") return answersSignals(identity.pid);
  if (identity.boot !== currentBoot()) return false;
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.start === identity.start && stat.state !== "Z" && stat.state !== "X";
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Sends a signal; a target that is gone is fine. `target` below zero is a process group. */
export function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone, or not ours any more: either way there is nothing to signal.
  }
}

/** Kills processes that left their container's group (daemons) but still carry one of these markers. */
export async function killMarked(markers: ReadonlySet<string>): Promise<number> {
  let pids: readonly string[];
  try {
    pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  let killed = 0;
  for (const pid of pids) {
    const marker = await markerOf(pid);
    if (marker === undefined || !markers.has(marker)) continue;
    sendSignal(Number(pid), "SIGKILL");
    killed += 1;
  }
  return killed;
}

async function markerOf(pid: string): Promise<string | undefined> {
  let environment: string;
  try {
    environment = await readFile(`/proc/${pid}/environ`, "utf8");
  } catch {
    return undefined;
  }
  const start = `${containerMarker}=`;
  for (const entry of environment.split("\0")) {
    if (entry.startsWith(start)) return entry.slice(start.length);
  }
  return undefined;
}
