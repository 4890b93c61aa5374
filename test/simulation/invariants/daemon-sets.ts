// Daemon sets: a pod only where one belongs, one a node, a second only as surge allows, and none taken away beyond what
// may be missing.

import type { ObjectRow, PodRow } from "../../../master/cluster/contract.ts";
import {
  daemonSetHash,
  daemonSetSpecOf,
  revisionHashLabel,
  targetNodeOf,
} from "../../../master/cluster/mod.ts";
import type { Positioned, Uid } from "../../../protocol/mod.ts";
import { place } from "../workload/kinds/daemon-set.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";
import { isAvailable, livingOf, takenAway } from "./owned-pods.ts";

/** Of the nodes that should have a pod, rounded up. */
const amount = (value: number | string | undefined, nodes: number): number =>
  typeof value === "string" ? Math.ceil((Number.parseInt(value, 10) * nodes) / 100) : (value ?? 0);

export const daemonsKeepTheirPlaces: MakeInvariant = (cluster): Invariant => {
  const name = "a daemon set has one pod on each node, within its bounds";
  const { state } = cluster.oracle;
  return {
    name,
    after(event) {
      if (event.type === "PodCreated" && event.owner.kind === "DaemonSet") checkNew(event);
    },
    before(event) {
      const taken = takenAway(cluster, event, "daemon-set");
      if (taken?.owner.ref.kind === "DaemonSet") checkTaken(event, taken.owner, taken.pod);
    },
  };

  function byNode(row: ObjectRow): ReadonlyMap<string, readonly PodRow[]> {
    const places = new Map<string, PodRow[]>();
    for (const pod of livingOf(cluster, row.ref.uid)) {
      const node = targetNodeOf(pod) ?? "";
      const here = places.get(node);
      if (here) here.push(pod);
      else places.set(node, [pod]);
    }
    return places;
  }

  function checkNew(event: Extract<Positioned, { readonly type: "PodCreated" }>): void {
    const row = state.objectByUid(event.owner.uid as Uid);
    const node = event.node && state.node(event.node);
    const what = `${event.object.name} for ${event.node} at ${event.position}`;
    must(row !== undefined && node !== undefined, name, () => `${what}: neither is there`);
    if (!row || !node) return;
    must(node.state === "Ready" && place(row, node).wanted, name, () => `${what}: it should have none`);
    const { updateStrategy, minReadySeconds = 0 } = daemonSetSpecOf(row.value);
    const places = byNode(row);
    const here = places.get(node.name) ?? [];
    if (here.length <= 1) return;
    const fresh = daemonSetHash(row.value);
    const isFresh = ({ metadata }: PodRow): boolean => metadata.labels?.[revisionHashLabel] === fresh;
    const works = (pod: PodRow): boolean => isAvailable(pod, minReadySeconds, event.at);
    const surge = updateStrategy?.rollingUpdate?.maxSurge;
    must(
      updateStrategy?.type === "RollingUpdate" && here.length === 2 && here.filter(isFresh).length === 1,
      name,
      () => `${what} makes ${here.length} there`,
    );
    // Where the old one does not work, its successor comes at once.
    if (!here.some((pod) => !isFresh(pod) && works(pod))) return;
    const wanted = [...state.nodes()].filter((one) => place(row, one).wanted);
    const most = amount(surge, wanted.length);
    const surging = wanted.filter(({ name: one }) => {
      const pods = places.get(one) ?? [];
      return (
        pods.length > 1 &&
        pods.some((pod) => !isFresh(pod) && works(pod)) &&
        !pods.some((pod) => isFresh(pod) && works(pod))
      );
    });
    must(
      surging.length <= most,
      name,
      () => `${what} makes ${surging.length} surging nodes of at most ${most}`,
    );
  }

  function checkTaken(event: Positioned, row: ObjectRow, pod: PodRow): void {
    const target = targetNodeOf(pod);
    const node = [...state.nodes()].find(({ name: one }) => one === target);
    const { updateStrategy, minReadySeconds = 0 } = daemonSetSpecOf(row.value);
    const works = (one: PodRow): boolean => isAvailable(one, minReadySeconds, event.at);
    if (!node || !place(row, node).kept || !works(pod)) return;
    const places = byNode(row);
    if ((places.get(node.name) ?? []).length > 1) return;
    const what = `${pod.ref.name} is taken from ${node.name} at ${event.position}`;
    const rolls = updateStrategy?.type === "RollingUpdate";
    must(rolls, name, () => `${what}, and only its user replaces it`);
    const wanted = [...state.nodes()].filter((one) => place(row, one).wanted);
    const { maxSurge, maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {};
    const surge = amount(maxSurge, wanted.length);
    must(surge === 0, name, () => `${what} before another one is there`);
    const most = Math.max(1, amount(maxUnavailable, wanted.length));
    const missing = wanted.filter(({ name: one }) => {
      const others = (places.get(one) ?? []).filter((other) => other !== pod);
      return !others.some(works);
    }).length;
    must(missing <= most, name, () => `${what} with ${missing} of at most ${most} unavailable`);
  }
};
