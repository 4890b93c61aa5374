// Config maps and secrets: a container sees one version whole, one that somebody asked for; and values of secrets are
// in clear nowhere but with the users that send and read them.

import type { PodRow } from "../../../master/cluster/contract.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { halves, secretMark } from "../workload/kinds/configs.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

export const configsAreSeenWhole: MakeInvariant = (cluster): Invariant => {
  const name = "a container sees one version of its configuration, whole";
  /** Words that were committed, and those that secrets were asked to hold: these are sealed in the log. */
  const known = new Set<string>();
  /** By a config map's uid, the word that it holds; by a word, the position at which another came in its place. */
  const present = new Map<Uid, string>();
  const replaced = new Map<string, number>();
  const bound = new Map<Uid, number>();
  /** What a pod's volume shows. */
  const shown = new Map<Uid, string>();
  for (const { operation } of cluster.plan.commands) {
    if ("object" in operation && operation.object.kind === "Secret") add(operation.object["stringData"]);
  }
  return {
    name,
    before(event) {
      if (event.type === "PodBound") bound.set(event.object.uid, event.position);
      if (!("object" in event) || event.object.kind !== "ConfigMap") return;
      const { uid } = event.object;
      const before = present.get(uid);
      const written = event.type === "ObjectCreated" || event.type === "ObjectUpdated";
      const value = written ? event.value["data"] : undefined;
      const after = value === undefined ? undefined : wordsOf(value)[0];
      if (before !== undefined && before !== after) replaced.set(before, event.position);
      if (after === undefined) present.delete(uid);
      else present.set(uid, after);
      add(value);
    },
    runtimeCall(node, { type, container }) {
      if (type !== "start") return;
      const { environment } = container.spec;
      const valueOf = (key: string) => environment.find((variable) => variable.name === key)?.value;
      check(container.pod.uid, halves.map(valueOf), () => `${container.id} on ${node.wire}`);
    },
    filesWritten(node, pod, files) {
      const values = halves.map((key) => files.get(key));
      check(pod, values, () => `a volume of ${cluster.oracle.state.pod(pod)?.ref.name} on ${node.wire}`);
      if (values[0] !== undefined) shown.set(pod, values[0]);
    },
    checkpoint(moment) {
      if (moment === "settled") for (const pod of cluster.oracle.state.pods()) checkSettled(pod);
    },
  };

  function check(pod: Uid, values: readonly (string | undefined)[], what: () => string): void {
    const [first, second] = values;
    if (first === undefined && second === undefined) return;
    must(first === second, name, () => `${what()} has ${first} and ${second}`);
    must(known.has(first ?? ""), name, () => `${what()} has ${first}, which nobody has written`);
    const since = replaced.get(first ?? "") ?? Number.POSITIVE_INFINITY;
    const boundAt = bound.get(pod) ?? 0;
    must(
      since > boundAt,
      name,
      () => `${what()} has ${first}, which was replaced at ${since}, and its pod was bound at ${boundAt}`,
    );
  }

  /** Files follow their config map as long as the pod runs. */
  function checkSettled({ ref, spec, status, deletion }: PodRow): void {
    if (status.phase !== "Running" || deletion || !shown.has(ref.uid)) return;
    for (const { configMap } of spec.volumes ?? []) {
      const row = configMap?.name && cluster.oracle.state.object("ConfigMap", ref.namespace, configMap.name);
      const wanted = row ? present.get(row.ref.uid) : undefined;
      if (wanted === undefined) continue;
      const has = shown.get(ref.uid);
      must(has === wanted, name, () => `a volume of ${ref.name} shows ${has}, and ${wanted} is asked for`);
    }
  }

  function add(data: unknown): void {
    for (const word of wordsOf(data)) known.add(word);
  }
};

function wordsOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  return halves.map((key): unknown => Reflect.get(data, key)).filter((word) => typeof word === "string");
}

const inClear = [secretMark, Buffer.from(secretMark).toString("base64").slice(0, 8)];

export const secretsStaySealed: MakeInvariant = (cluster): Invariant => {
  const name = "secrets are in clear nowhere";
  // Values come from users alone; where none is asked for, no message has to be searched.
  const isAsked = JSON.stringify(cluster.plan.commands).includes(secretMark);
  const shows = (data: Uint8Array): boolean => {
    if (!isAsked) return false;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return inClear.some((mark) => bytes.includes(mark));
  };
  return {
    name,
    sent(process, subject, data) {
      must(!shows(data), name, () => `${process.name} says a secret's value on ${subject}`);
    },
    accepted({ sequence, commit }) {
      const isAboutSecrets = commit.events.some(
        (event) => "object" in event && event.object.kind === "Secret",
      );
      if (!isAboutSecrets) return;
      must(
        !shows(Buffer.from(JSON.stringify(commit))),
        name,
        () => `sequence ${sequence} holds a secret's value`,
      );
    },
  };
};
