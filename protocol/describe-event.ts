// Each event in one short English sentence, for `berth events` and `berth why`. Sentences have no subject: the
// object stands beside them. Also whether it is trouble, and its reason in one word as Kubernetes' events have.

import type { Placement } from "./commands.ts";
import { assertNever } from "./errors.ts";
import type { BerthEvent } from "./events.ts";
import type { PodStatus } from "./objects/object.ts";

export type EventSeverity = "Normal" | "Warning";

/** Longest text of somebody else's that is shown within a sentence. */
const maxQuoted = 160;

/** One sentence without the object's name: `bound to n2: best of 3 nodes (least allocated 62, spread 100)`. */
export const describeEvent = (event: BerthEvent): string => printable(sentence(event));

function sentence(event: BerthEvent): string {
  switch (event.type) {
    case "LogCreated":
      return `log ${event.logId} was created`;
    case "LogRestored":
      return `the log was restored as ${event.logId}`;
    case "LevelRaised":
      return `the cluster's level was raised to ${event.level}`;
    case "ClusterConfigured":
      return `pods get addresses of ${event.podCidr}, services of ${event.serviceCidr}`;
    case "LeaderElected":
      return `${event.master} leads (epoch ${event.epoch})`;
    case "LeaderStoodDown":
      return `${event.master} stood down (epoch ${event.epoch})`;
    case "LeasesConfirmed":
      return `leases go on at ${list(event.nodes, 4)}`;
    case "CommandCompleted":
      return event.result.ok
        ? `command ${event.command} ended: ${event.result.object.kind} ${event.result.object.name} ${event.result.outcome}`
        : `command ${event.command} was refused: ${short(event.result.error.message)}`;
    case "ObjectCreated":
      return event.operation === "Apply" ? "created by apply" : `created${because(event.reason)}`;
    case "ObjectUpdated":
      return event.reason
        ? short(event.reason)
        : `${event.operation === "Scale" ? "scaled" : "changed"}: ${list(event.fields, 4)}`;
    case "StatusUpdated":
      return `status is now ${statusText(event.status)}`;
    case "DeletionRequested":
      return `${deletionText(event)}${because(event.reason)}`;
    case "FinalizerRemoved":
      return `finalizer ${event.finalizer} is done`;
    case "ObjectDeleted":
      return `deleted${because(event.reason)}`;
    case "OwnersChanged":
      return event.owners.length === 0
        ? `owned by nothing now${because(event.reason)}`
        : `owned by ${list(
            event.owners.map((owner) => `${owner.kind} ${owner.name}`),
            3,
          )} now${because(event.reason)}`;
    case "TemplateRecorded":
      return `pod template ${event.template} was recorded`;
    case "PodCreated":
      return `created for ${event.owner.kind} ${event.owner.name}${event.node ? ` on ${event.node}` : ""}${because(event.reason)}`;
    case "PodBound":
      return `bound to ${event.node}${event.placement ? `: ${placementText(event.placement)}` : ""}`;
    case "PodUnschedulable":
      return `waits for a node: ${short(event.refusal.message)}`;
    case "PodNominated":
      return `waits for room on ${event.node}: preempts ${list(
        event.victims.map(({ namespace, name }) => `${namespace}/${name}`),
        5,
      )}`;
    case "PodStatusObserved":
      return `${podStatusText(event.status)} on ${event.node}`;
    case "PodConditionsSet":
      return `has the conditions ${list(
        event.conditions.map(({ type, status }) => `${type}=${status}`),
        5,
      )}`;
    case "TerminationReleased":
      return `may stop now: ${releaseText[event.reason]}`;
    case "PodFailed":
      return `failed (${event.reason})${because(event.message)}`;
    case "NodeRegistered":
      return `registered with ${event.registration.runtime.name} ${event.registration.runtime.version}, pods get addresses of ${event.podCidr}`;
    case "NodeSuspected":
      return `silent for ${seconds(event.silentMs)}: suspected`;
    case "NodeLost":
      return `silent for ${seconds(event.silentMs)}: lost, its pods are replaced`;
    case "NodeRecovered":
      return "heard again: ready";
    case "NodeFenced":
      return `fenced, nothing runs there any more${because(event.reason)}`;
    case "NodeStatusObserved":
      return `reported ${conditionsText(event.status.conditions ?? []) || "its status"}`;
    case "TaintsChanged":
      return event.taints.length === 0
        ? `taints removed${because(event.reason)}`
        : `tainted ${list(
            event.taints.map(({ key, effect }) => `${key}:${effect}`),
            4,
          )}${because(event.reason)}`;
    case "ReportsReceived":
      return `reports up to ${event.number} are in the log`;
    case "EndpointsChanged":
      return `endpoints: ${endpointsText(event.subsets)}`;
    default:
      return assertNever(event, "event");
  }
}

/** Warning for what a person should look at. */
export function eventSeverity(event: BerthEvent): EventSeverity {
  switch (event.type) {
    case "LogRestored":
    case "PodUnschedulable":
    case "PodFailed":
    case "NodeSuspected":
    case "NodeLost":
      return "Warning";
    case "CommandCompleted":
      return event.result.ok ? "Normal" : "Warning";
    case "PodStatusObserved":
      return event.status.phase === "Failed" || troubleOf(event.status) ? "Warning" : "Normal";
    case "NodeStatusObserved":
      return event.status.conditions?.some(({ type, status }) => (type === "Ready") !== (status === "True"))
        ? "Warning"
        : "Normal";
    case "TerminationReleased":
      return event.reason === "WaitEnded" ? "Warning" : "Normal";
    case "LogCreated":
    case "LevelRaised":
    case "ClusterConfigured":
    case "LeaderElected":
    case "LeaderStoodDown":
    case "LeasesConfirmed":
    case "ObjectCreated":
    case "ObjectUpdated":
    case "StatusUpdated":
    case "DeletionRequested":
    case "FinalizerRemoved":
    case "ObjectDeleted":
    case "OwnersChanged":
    case "TemplateRecorded":
    case "PodCreated":
    case "PodBound":
    case "PodNominated":
    case "PodConditionsSet":
    case "NodeRegistered":
    case "NodeRecovered":
    case "NodeFenced":
    case "TaintsChanged":
    case "ReportsReceived":
    case "EndpointsChanged":
      return "Normal";
    default:
      return assertNever(event, "event");
  }
}

/** One word for the REASON column: the trouble of a pod if it has one, else the event's type. */
export function eventReason(event: BerthEvent): string {
  if (event.type === "PodStatusObserved")
    return troubleOf(event.status)?.reason ?? event.status.phase ?? event.type;
  if (event.type === "PodFailed") return event.reason;
  return event.type;
}

/** `best of 3 nodes (least allocated 62, spread 100); 1 node refused: node is cordoned`. */
function placementText({ candidates, refused, scores }: Placement): string {
  const best = scores[0];
  const parts = Object.entries(best?.parts ?? {}).map(([name, score]) => `${name} ${Math.round(score)}`);
  const why = parts.length > 0 ? ` (${parts.join(", ")})` : "";
  const choice = candidates === 1 ? "the only node that fits" : `best of ${candidates} nodes`;
  const refusals = Object.entries(refused).map(([filter, nodes]) => `${nodes} ${filter}`);
  return `${choice}${why}${refusals.length > 0 ? `; not fit: ${list(refusals, 4)}` : ""}`;
}

interface Trouble {
  readonly reason: string;
  readonly text: string;
}
/** What keeps a pod's container from running, or ended it badly. */
function troubleOf(status: PodStatus): Trouble | undefined {
  for (const { name, state, lastState } of [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ]) {
    const waiting = state?.waiting;
    if (waiting?.reason && !startingReasons.has(waiting.reason)) {
      const last = lastState?.terminated;
      const text =
        waiting.reason === "CrashLoopBackOff" && last
          ? `ended with ${exitText(last)}, starts again${backOffText(waiting.message)}`
          : `waits: ${waiting.reason}${waiting.message ? ` (${short(waiting.message)})` : ""}`;
      return { reason: waiting.reason, text: `container ${name} ${text}` };
    }
    const ended = state?.terminated;
    if (ended && ended.exitCode !== 0) {
      return { reason: ended.reason ?? "Error", text: `container ${name} ended with ${exitText(ended)}` };
    }
  }
  return undefined;
}
const startingReasons: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing", "Pulling"]);

/** `code 137 (OOMKilled)`. */
function exitText({ exitCode, reason, message }: ContainerEnd): string {
  const detail = [reason, message && short(message)].filter(Boolean).join(": ");
  return `code ${exitCode}${detail ? ` (${detail})` : ""}`;
}
interface ContainerEnd {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

/** From the kubelet's wording, which statuses carry: `back-off 40s restarting failed container=…`. */
function backOffText(message = ""): string {
  const wait = /^back-off (\S+) /.exec(message)?.[1];
  return wait ? ` after ${wait}` : " after a while";
}

/** Why a container that runs now is not the first of its name. */
function restartText({ containerStatuses = [] }: PodStatus): readonly string[] {
  const restarts = containerStatuses.reduce((sum, each) => sum + each.restartCount, 0);
  if (restarts === 0) return [];
  const count = `${restarts} ${plural(restarts, "restart")}`;
  const again = containerStatuses.find(({ state, lastState }) => state?.running && lastState?.terminated);
  const last = again?.lastState?.terminated;
  return [last ? `${count}, the last after ${exitText(last)}` : count];
}

const phaseText = {
  Pending: "is pending",
  Running: "is running",
  Succeeded: "succeeded",
  Failed: "failed",
  Unknown: "is unknown",
} as const;

function podStatusText(status: PodStatus): string {
  const ready = status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
  const trouble = troubleOf(status);
  const parts = [
    `${phaseText[status.phase ?? "Unknown"]}${ready ? " and ready" : ""}`,
    ...(trouble ? [trouble.text] : unreadyText(status)),
    ...restartText(status),
    ...(status.reason ? [status.reason] : []),
  ];
  return parts.join(", ");
}

/** What a readiness probe said, where the agent has put it. */
function unreadyText({ phase, conditions = [] }: PodStatus): readonly string[] {
  const message = conditions.find(({ type, status }) => type === "Ready" && status === "False")?.message;
  const probe = phase === "Running" ? message?.split("; ")[1] : undefined;
  return probe ? [`not ready (${short(probe)})`] : [];
}

const releaseText = {
  NotServing: "no service leads to it",
  Acknowledged: "every node has taken it out of its services",
  WaitEnded: "not every node has said in time that its services let go of it",
} as const;

function deletionText(event: Extract<BerthEvent, { readonly type: "DeletionRequested" }>): string {
  const { gracePeriodSeconds, propagation } = event;
  const grace = gracePeriodSeconds === undefined ? "" : ` within ${gracePeriodSeconds} s`;
  const dependents =
    propagation === "Orphan"
      ? ", what it owns stays"
      : propagation === "Foreground"
        ? ", what it owns goes first"
        : "";
  return `asked to end${grace}${dependents}`;
}

type Subsets = Extract<BerthEvent, { readonly type: "EndpointsChanged" }>["subsets"];
function endpointsText(subsets: Subsets): string {
  const sum = (count: (subset: Subsets[number]) => number): number =>
    subsets.reduce((total, subset) => total + count(subset), 0);
  const ready = sum((subset) => subset.addresses.length);
  const notReady = sum((subset) => subset.notReadyAddresses.length);
  const addresses = list(
    subsets.flatMap((subset) => subset.addresses.map(({ ip }) => ip)),
    4,
  );
  return `${ready} ready${ready > 0 ? ` (${addresses})` : ""}, ${notReady} not ready`;
}

const conditionsText = (conditions: readonly { readonly type: string; readonly status: string }[]): string =>
  list(
    conditions.map(({ type, status }) => `${type} ${status}`),
    4,
  );

function statusText(status: Readonly<Record<string, unknown>>): string {
  const simple = Object.entries(status).filter(
    ([, value]) => typeof value === "number" || typeof value === "string",
  );
  const told = list(
    simple.map(([name, value]) => `${name} ${short(String(value))}`),
    5,
  );
  return `${told || "changed"}${because(waitingText(status))}`;
}

/** What a claim waits for. */
function waitingText({ phase, conditions }: Readonly<Record<string, unknown>>): string {
  if (phase !== "Pending" || !Array.isArray(conditions)) return "";
  const [first] = conditions as readonly { readonly message?: unknown }[];
  return typeof first?.message === "string" ? first.message : "";
}

function list(items: readonly string[], limit: number): string {
  const shown = items.slice(0, limit).join(", ");
  return items.length > limit ? `${shown} and ${items.length - limit} more` : shown;
}
const because = (reason = ""): string => (reason === "" ? "" : `: ${short(reason)}`);
/** Names and messages come from users and hosts: no control characters reach a terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
const short = (text: string): string => {
  const line = printable(text.slice(0, 4 * maxQuoted));
  return line.length > maxQuoted ? `${line.slice(0, maxQuoted)}…` : line;
};
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
const plural = (count: number, word: string): string => (count === 1 ? word : `${word}s`);
