// Test fixture: what must hold in every state, checked by making the indexes anew from the rows.

import { expect } from "vitest";
import type { ClusterState, PodRow } from "./contract.ts";
import type { Given } from "./given.ts";
import { isFinished } from "./node-table.ts";

export function checkInvariants({ state, log }: Given): void {
  const rows = [...state.pods()];
  checkNodes(state, rows);
  checkPodIndexes(state, rows);
  checkOwners(state, rows);
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

const uids = (rows: Iterable<PodRow>): readonly string[] => [...rows].map(({ ref }) => ref.uid).sort();

function checkPodIndexes(state: ClusterState, rows: readonly PodRow[]): void {
  expect(state.podCount).toBe(rows.length);
  const waiting = rows.filter((row) => row.node === undefined && !row.deletion && !isFinished(row));
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
