import fc from "fast-check";
import { expect, test } from "vitest";
import { countBudget } from "../cluster/disruption-budgets.ts";
import { budget, evict, givenWeb, podsOf } from "./given-budgets.ts";
import { commandScript, take } from "./random-commands.ts";
import { type Given, givenCluster, pod, replicaSet } from "../cluster/given.ts";
import { converge, settle } from "./settling.ts";

const statusOf = ({ state }: Given, name = "b") =>
  state.object("PodDisruptionBudget", "default", name)?.status;

test("the status tells numbers and condition, follows pods and owners, and falls silent", () => {
  const given = givenWeb(3);
  given.create(budget("b", { maxUnavailable: 1 }));
  settle(given);
  const condition = {
    type: "DisruptionAllowed",
    status: "True",
    reason: "SufficientPods",
    observedGeneration: 1,
  };
  expect(statusOf(given)).toMatchObject({
    observedGeneration: 1,
    expectedPods: 3,
    desiredHealthy: 2,
    currentHealthy: 3,
    disruptionsAllowed: 1,
    conditions: [condition],
  });
  const [first] = podsOf(given);
  if (first) evict(given, first);
  settle(given);
  expect(statusOf(given)).toMatchObject({
    currentHealthy: 2,
    disruptionsAllowed: 0,
    conditions: [{ status: "False", reason: "InsufficientPods" }],
  });
  const patch = { spec: { replicas: 10 } };
  given.run({ type: "PatchObject", kind: "ReplicationController", namespace: "default", name: "web", patch });
  settle(given);
  expect(statusOf(given)).toMatchObject({ expectedPods: 10, desiredHealthy: 9 });
  const length = given.log.length;
  given.state.markAllDirty();
  settle(given);
  expect(given.since(length)).toEqual([]);
});

test("pods that are relabelled leave the budget and come to another", () => {
  const given = givenWeb(2);
  given.create(budget("b", { minAvailable: 1 }));
  given.create(budget("c", { minAvailable: 1, selector: { matchLabels: { app: "free" } } }));
  given.create({ ...pod("bare"), metadata: { name: "bare", labels: { app: "own" } } });
  given.create(budget("o", { minAvailable: 1, selector: { matchLabels: { app: "own" } } }));
  settle(given);
  expect(statusOf(given, "o")).toMatchObject({ currentHealthy: 0, expectedPods: 1 });
  const patch = { metadata: { labels: { app: "free" } } };
  given.run({ type: "PatchObject", kind: "Pod", namespace: "default", name: "bare", patch });
  settle(given);
  expect(statusOf(given, "o")).toMatchObject({ currentHealthy: 0, expectedPods: 0 });
  expect(statusOf(given, "c")).toMatchObject({ currentHealthy: 0, expectedPods: 1 });
  const [first] = podsOf(given);
  given.run({ type: "PatchObject", kind: "Pod", namespace: "default", name: first?.ref.name ?? "", patch });
  settle(given);
  expect(statusOf(given, "c")).toMatchObject({ currentHealthy: 1, expectedPods: 2, disruptionsAllowed: 0 });
  // Its controller has made another one in its place, which is not ready yet.
  expect(statusOf(given, "b")).toMatchObject({ currentHealthy: 1, expectedPods: 2, disruptionsAllowed: 0 });
});

const amount = fc.constantFrom<Readonly<Record<string, unknown>>>(
  { minAvailable: 1 },
  { minAvailable: 3 },
  { minAvailable: "60%" },
  { maxUnavailable: 1 },
  { maxUnavailable: "40%" },
  { maxUnavailable: 0 },
);
const drains = fc.array(
  fc.record({ at: fc.nat({ max: 60 }), of: fc.nat({ max: 40 }), twice: fc.boolean() }),
  {
    maxLength: 30,
  },
);

/** Whatever happens meanwhile, and however many drain at once: an eviction never takes more than the budget has. */
test("no eviction breaks a budget", () => {
  let granted = 0;
  fc.assert(
    fc.property(commandScript, drains, amount, (script, evictions, spec) => {
      const given = givenCluster();
      for (const name of ["a", "b"] as const) take(given, { do: "register", name, boot: "a" });
      given.create(replicaSet("a", 6));
      given.create(budget("b", { selector: { matchLabels: { app: "a" } }, ...spec }));
      converge(given);
      for (const [index, step] of script.entries()) {
        take(given, step);
        if (index % 3 === 0) take(given, { do: "run" });
        for (const { of, twice } of evictions.filter(({ at }) => at === index)) {
          const pods = [...given.state.pods("default")].filter(
            ({ metadata }) => metadata.labels?.["app"] === "a",
          );
          // A second drain asks for the same pod, or for its neighbour, before anything else happens.
          for (const pod of [pods[of % pods.length], twice ? pods[(of + 1) % pods.length] : undefined]) {
            if (!pod) continue;
            granted += evictWithin(given, pod.ref.uid) ? 1 : 0;
          }
        }
      }
    }),
    { numRuns: 80, seed: 4 },
  );
  expect(granted).toBeGreaterThan(20);
});

function evictWithin(given: Given, uid: Parameters<Given["state"]["pod"]>[0]): boolean {
  const { state } = given;
  const pod = state.pod(uid);
  const row = state.object("PodDisruptionBudget", "default", "b");
  if (!pod || !row) return false;
  const before = countBudget(state, row);
  const healthy = pod.ready && !pod.deletion;
  const refused = evict(given, pod);
  if (refused) return false;
  const after = countBudget(state, row);
  if (!healthy) {
    expect(after.currentHealthy).toBe(before.currentHealthy);
    return false;
  }
  expect(before.disruptionsAllowed).toBeGreaterThan(0);
  expect(after.currentHealthy).toBeGreaterThanOrEqual(before.desiredHealthy);
  return true;
}
