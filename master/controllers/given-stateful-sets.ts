// Test fixture: a stateful set `db` on three nodes, and what becomes of it.

import { type Given, givenCluster, nodeOf, register, report } from "../cluster/given.ts";
import { type PodRow, statefulSetStatusOf } from "../cluster/mod.ts";
import { patchSet, podsOf, rowOf, run, statefulSet } from "./batch-fixtures.ts";
import { settle } from "./settling.ts";

type Fields = Readonly<Record<string, unknown>>;

export function stateful(replicas: number, spec: Fields = {}): Given {
  const cluster = givenCluster();
  for (const node of ["n1", "n2", "n3"]) register(cluster, node);
  cluster.create(statefulSet("db", replicas, spec));
  settle(cluster);
  return cluster;
}
export const names = (cluster: Given): readonly string[] =>
  podsOf(cluster, "StatefulSet", "db").map(({ ref }) => ref.name);
export const status = (cluster: Given) => statefulSetStatusOf(rowOf(cluster, "StatefulSet", "db"));
const nodes = ["n1", "n2", "n3"];

/** What waits runs, what is to end is gone, until nothing changes; each ordinal has its own node. */
export function carryOn(cluster: Given): void {
  for (let round = 0; round < 40; round++) {
    const before = cluster.log.length;
    for (const pod of podsOf(cluster, "StatefulSet", "db")) step(cluster, pod);
    settle(cluster);
    if (cluster.log.length === before) return;
  }
  throw new Error("the stateful set does not come to rest");
}
function step(cluster: Given, pod: PodRow): void {
  if (pod.node !== undefined && nodeOf(cluster, pod.node).state === "Lost") return;
  if (pod.deletion) end(cluster, pod);
  else if (!pod.ready) run(cluster, pod, nodes[Number(pod.ref.name.slice(3)) % nodes.length]);
}
export function end(cluster: Given, { ref }: PodRow): void {
  const pod = cluster.state.pod(ref.uid);
  if (pod?.node !== undefined) report(cluster, pod, pod.status, true);
  settle(cluster);
}
export function ready(replicas: number, spec: Fields = {}): Given {
  const cluster = stateful(replicas, spec);
  carryOn(cluster);
  return cluster;
}
export const change = (cluster: Given, spec: Fields): void => {
  patchSet(cluster, spec);
  settle(cluster);
};
export const image = (version: number): Fields => ({
  template: { spec: { containers: [{ name: "main", image: `db:${version}` }] } },
});
export const images = (cluster: Given): readonly (string | undefined)[] =>
  podsOf(cluster, "StatefulSet", "db").map(({ spec }) => spec.containers[0]?.image);
