// Whatever happens in the middle of a rollout: never more pods than surge allows, and no step of a control loop makes
// fewer available than may be missing. After the last event the rollout ends with the last template alone.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { givenCluster, type Given, register, report } from "../cluster/given.ts";
import { checkInvariants } from "../cluster/invariants.ts";
import { controllers } from "./mod.ts";
import {
  apply,
  daemonSet,
  deployment,
  imagesOf,
  livingPods,
  makeReady,
  patch,
  readyPods,
  rolling,
  sizesOf,
} from "./given-rollouts.ts";
import { isAvailable } from "./pod-counts.ts";
import { deploymentBounds } from "./rollout-bounds.ts";
import { converge, schedule } from "./settling.ts";

const happening = fc.oneof(
  fc.record({ do: fc.constant("template" as const), image: fc.constantFrom("web:1", "web:2", "web:3") }),
  fc.record({ do: fc.constant("ready" as const), index: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant("ready" as const), index: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant("unready" as const), index: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant("end" as const), index: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant("kill" as const), index: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant("pause" as const), paused: fc.boolean() }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 5, 700) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const amount = fc.oneof(
  fc.nat({ max: 4 }),
  fc.nat({ max: 100 }).map((percent) => `${percent}%`),
);
const isNothing = (value: number | string): boolean => value === 0 || value === "0%";

/** The control loops one key at a time, with a look after each. */
function settleChecked(given: Given, check: () => void): void {
  const { state } = given;
  for (let rounds = 0; rounds < 5000; rounds++) {
    state.dueBefore(given.now);
    const [key] = state.takeDirty(1);
    if (!key) return;
    for (const envelope of controllers[key.controller](state, key.uid, given.now)) {
      given.send(envelope);
      check();
    }
  }
  throw new Error("the control loops do not fall silent");
}

function happen(given: Given, one: Happening, change: (image: string) => void): void {
  const rows = [...given.state.pods()];
  const row = "index" in one ? rows[one.index % Math.max(1, rows.length)] : undefined;
  switch (one.do) {
    case "template":
      return change(one.image);
    case "ready":
    case "unready":
      if (row?.node !== undefined && !row.deletion) makeReady(given, row, one.do === "ready");
      return;
    case "end":
      if (row?.deletion?.released && row.node !== undefined) report(given, row, row.status, true);
      return;
    case "kill":
      if (row) given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: row.ref.name });
      return;
    case "pause":
      if (given.state.object("Deployment", "default", "web")) {
        patch(given, "Deployment", "web", { spec: { paused: one.paused } });
      }
      return;
    case "wait":
      given.now += one.seconds * 1000;
  }
}

describe("deployments", () => {
  test("hold their bounds at every step, and end with the last template", () => {
    const run = fc.record({
      wanted: fc.integer({ min: 0, max: 12 }),
      surge: amount,
      missing: amount,
      minReadySeconds: fc.constantFrom(0, 5),
      script: fc.array(happening, { maxLength: 60, size: "max" }),
    });
    fc.assert(
      fc.property(run, ({ wanted, surge, missing, minReadySeconds, script }) => {
        if (isNothing(surge) && isNothing(missing)) return;
        const given = givenCluster();
        for (const name of ["n1", "n2"]) register(given, name);
        const more = { ...rolling(surge, missing), minReadySeconds };
        let last = "web:1";
        apply(given, deployment("web", wanted, last, more));
        converge(given);
        const bounds = deploymentBounds({ maxSurge: surge, maxUnavailable: missing }, wanted);
        const available = (): number =>
          livingPods(given.state).filter((pod) => isAvailable(pod, minReadySeconds, given.now)).length;
        for (const one of script) {
          happen(given, one, (image) => {
            last = image;
            patch(given, "Deployment", "web", {
              spec: { template: { spec: { containers: [{ name: "main", image }] } } },
            });
          });
          let before = available();
          settleChecked(given, () => {
            const total = Object.values(sizesOf(given, "web")).reduce((sum, size) => sum + size, 0);
            expect(total, "replicas asked for").toBeLessThanOrEqual(wanted + bounds.maxSurge);
            const now = available();
            if (now < before) {
              expect(now, "available pods").toBeGreaterThanOrEqual(wanted - bounds.maxUnavailable);
            }
            before = now;
          });
          expect(livingPods(given.state).length).toBeLessThanOrEqual(wanted + bounds.maxSurge);
          schedule(given);
        }
        patch(given, "Deployment", "web", { spec: { paused: false } });
        converge(given);
        checkInvariants(given);
        expect(imagesOf(given.state)).toEqual(wanted === 0 ? {} : { [last]: wanted });
        expect(readyPods(given.state)).toHaveLength(wanted);
      }),
      { numRuns: 60 },
    );
  });
});

describe("daemon sets", () => {
  test("hold their bounds at every step, and end with the last template", () => {
    const run = fc.record({
      nodes: fc.integer({ min: 1, max: 6 }),
      surging: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
      script: fc.array(happening, { maxLength: 60, size: "max" }),
    });
    fc.assert(
      fc.property(run, ({ nodes, surging, limit, script }) => {
        const given = givenCluster();
        for (let number = 1; number <= nodes; number++) register(given, `n${number}`);
        const rollingUpdate = surging
          ? { maxSurge: limit, maxUnavailable: 0 }
          : { maxSurge: 0, maxUnavailable: limit };
        const more = { updateStrategy: { type: "RollingUpdate", rollingUpdate } };
        let last = "web:1";
        apply(given, daemonSet("web", last, more));
        converge(given);
        for (const one of script) {
          happen(given, one, (image) => {
            last = image;
            apply(given, daemonSet("web", image, more));
          });
          let before = readyPods(given.state).length;
          settleChecked(given, () => {
            const ready = readyPods(given.state).length;
            const least = surging ? nodes : nodes - limit;
            // With surge a ready pod goes only for another that is ready on its node.
            if (ready < before && !surging) expect(ready).toBeGreaterThanOrEqual(least);
            before = ready;
          });
          const places = new Map<string, number>();
          for (const { node = "" } of livingPods(given.state)) places.set(node, (places.get(node) ?? 0) + 1);
          expect(Math.max(0, ...places.values())).toBeLessThanOrEqual(surging ? 2 : 1);
        }
        converge(given);
        checkInvariants(given);
        expect(imagesOf(given.state)).toEqual({ [last]: nodes });
        expect(readyPods(given.state)).toHaveLength(nodes);
      }),
      { numRuns: 60 },
    );
  });
});
