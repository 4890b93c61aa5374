// Test fixture: what must hold in every state, checked by making the indexes anew from the rows.

import { expect } from "vitest";
import { claimSpecOf, claimUsesOf, volumeSpecOf } from "../storage/mod.ts";
import type { ClusterState, ObjectRow, PodRow } from "./contract.ts";
import type { Given } from "./given.ts";
import { isFinished } from "./node-table.ts";
import { isGated } from "./pod-gates.ts";

export function checkInvariants({ state, log }: Given): void {
  const rows = [...state.pods()];
  checkNodes(state, rows);
  checkPodIndexes(state, rows);
  checkOwners(state, rows);
  checkStorage(state, rows);
  const bound = log
    .filter(({ type }) => type === "PodBound")
    .map((event) => "object" in event && event.object.uid);
  expect(new Set(bound).size, "a pod is bound at most once").toBe(bound.length);
}

function checkNodes(state: ClusterState, rows: readonly PodRow[]): void {
  for (const node of state.nodes()) {
    const here = rows.filter((row) => row.node === node.name);
    expect([...state.podsOnNode(node.name)]).toEqual(expect.arrayContaining(here));
    const holding = here.filter((row) => !isFinished(row));
    const sum = (pick: (row: PodRow) => number): number =>
      holding.reduce((total, row) => total + pick(row), 0);
    const used = {
      cpuMilli: sum(({ requests }) => requests.cpuMilli),
      memoryBytes: sum(({ requests }) => requests.memoryBytes),
      pods: holding.length,
    };
    expect(node.used).toEqual(used);
    expect(used.cpuMilli).toBeLessThanOrEqual(node.allocatable.cpuMilli);
    expect(used.memoryBytes).toBeLessThanOrEqual(node.allocatable.memoryBytes);
    expect(used.pods).toBeLessThanOrEqual(node.allocatable.pods);
    for (const { group } of here) {
      const equals = holding.filter((row) => row.group === group && !row.deletion).length;
      expect(state.groupCount(group, node.name)).toBe(equals);
    }
  }
}

const uids = (rows: Iterable<Pick<PodRow | ObjectRow, "ref">>): readonly string[] =>
  [...rows].map(({ ref }) => ref.uid).sort();

function checkPodIndexes(state: ClusterState, rows: readonly PodRow[]): void {
  expect(state.podCount).toBe(rows.length);
  const waiting = rows.filter(
    (row) => row.node === undefined && !row.deletion && !isFinished(row) && !isGated(row),
  );
  expect(uids(state.podsWaiting())).toEqual(uids(waiting));
  expect(uids(state.podsLeaving())).toEqual(uids(rows.filter((row) => row.deletion?.released === false)));
  for (const row of rows) {
    expect(state.podNamed(row.ref.namespace, row.ref.name)).toBe(row);
    const labels = row.metadata.labels ?? {};
    expect([...state.podsMatching(row.ref.namespace, labels)]).toContain(row);
    if (row.ready) expect(row.status.phase).toBe("Running");
  }
}

function checkOwners(state: ClusterState, rows: readonly PodRow[]): void {
  const owners = new Set(rows.flatMap(({ owner }) => (owner === undefined ? [] : [owner])));
  for (const owner of owners) {
    const owned = rows.filter((row) => row.owner === owner);
    expect(uids(state.podsOwnedBy(owner))).toEqual(uids(owned));
    const dependents = [...state.dependents(owner)].map(({ uid }) => uid);
    expect(dependents).toEqual(expect.arrayContaining([...uids(owned)]));
  }
}

/** Volumes and claims name each other as one, and the indexes say what the rows say. */
function checkStorage(state: ClusterState, rows: readonly PodRow[]): void {
  const volumes = [...state.objects("PersistentVolume")];
  const claims = [...state.objects("PersistentVolumeClaim")];
  for (const claim of claims) {
    const { namespace = "", name } = claim.ref;
    const users = rows.filter(
      (row) => row.ref.namespace === namespace && claimUsesOf(row).some((use) => use.claim === name),
    );
    expect(uids(state.podsUsingClaim(namespace, name))).toEqual(uids(users));
    const kept = volumes.filter(({ value }) => {
      const { claimRef } = volumeSpecOf(value);
      return claimRef?.namespace === namespace && claimRef.name === name;
    });
    expect(uids(state.volumesFor(namespace, name))).toEqual(uids(kept));
    const held = kept.filter(({ value }) => volumeSpecOf(value).claimRef?.uid === claim.ref.uid);
    expect(held.length, "a claim has one volume at most").toBeLessThanOrEqual(1);
    if (held[0]) expect(claimSpecOf(claim.value).volumeName).toBe(held[0].ref.name);
  }
  for (const storageClass of new Set(
    volumes.map(({ value }) => volumeSpecOf(value).storageClassName ?? ""),
  )) {
    const free = volumes.filter(({ value, deletion }) => {
      const spec = volumeSpecOf(value);
      return !deletion && !spec.claimRef && (spec.storageClassName ?? "") === storageClass;
    });
    expect(uids(state.freeVolumes(storageClass))).toEqual(uids(free));
  }
}
