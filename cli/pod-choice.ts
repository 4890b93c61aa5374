// Pods that a command line names by what runs them: `deploy/web` stands for its pods, or for the best one of them.

import { BerthError, type Stored } from "../client/mod.ts";
import type { KindName, LabelSelector } from "../protocol/mod.ts";
import { UsageError } from "./errors.ts";
import { selectorText } from "./printers/selector-text.ts";
import { kindOf } from "./resource-args.ts";
import type { Session } from "./session.ts";

type Pod = Stored<"Pod">;
type Selecting = "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job";
const selecting: readonly KindName[] = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"];
const isSelecting = (kind: KindName): kind is Selecting => selecting.includes(kind);

/** What selects the pods of `kind/name`; undefined where a pod itself is named. */
export async function selectorOfWord(session: Session, word: string): Promise<string | undefined> {
  if (!word.includes("/")) return undefined;
  const [kindWord = "", name = ""] = word.split("/");
  const kind = kindOf(kindWord);
  if (kind === "Pod") return undefined;
  const where = { namespace: session.namespace, signal: session.signal };
  const client = await session.client();
  if (isSelecting(kind)) return selectorText((await client.get(kind, name, where)).spec?.selector);
  if (kind === "ReplicationController" || kind === "Service") {
    const labels = (await client.get(kind, name, where)).spec?.selector;
    const selector: LabelSelector = labels ? { matchLabels: labels } : {};
    return selectorText(selector);
  }
  throw new UsageError(`a ${kind.toLowerCase()} has no pods; pods, workloads and services have`);
}

/** The pod of this name, or of `kind/name` the one that a person would look at first, as kubectl picks it. */
export async function podNameOf(session: Session, word: string): Promise<string> {
  const selector = await selectorOfWord(session, word);
  if (selector === undefined) return word.includes("/") ? (word.split("/")[1] ?? "") : word;
  const pods = await podsOf(session, selector);
  const name = pods.toSorted(byUse)[0]?.metadata.name;
  if (name === undefined) throw new BerthError({ code: "NotFound", message: `no pods match ${selector}` });
  if (pods.length > 1) await session.err(`Found ${pods.length} pods, using pod/${name}\n`);
  return name;
}

export async function podsOf(session: Session, labelSelector: string): Promise<readonly Pod[]> {
  const client = await session.client();
  return await client.list("Pod", { namespace: session.namespace, labelSelector, signal: session.signal });
}

/** On a node before waiting, running before the others, ready before not, then the oldest. */
function byUse(left: Pod, right: Pod): number {
  for (const better of [isPlaced, isRunning, isReady]) {
    if (better(left) !== better(right)) return better(left) ? -1 : 1;
  }
  const [older = "", younger = ""] = [left.metadata.creationTimestamp, right.metadata.creationTimestamp];
  return older < younger ? -1 : older > younger ? 1 : 0;
}
const isPlaced = ({ spec, metadata }: Pod): boolean =>
  Boolean(spec?.nodeName) && metadata.deletionTimestamp === undefined;
const isRunning = ({ status }: Pod): boolean => status?.phase === "Running";
const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status: holds }) => type === "Ready" && holds === "True");
