// Rolling updates of deployments: how many pods of each template there are, step by step.

import { describe, expect, test } from "vitest";
import {
  apply,
  rolledOut,
  withoutReadiness,
  deployment,
  deploymentOf,
  imagesOf,
  livingPods,
  makeReady,
  patch,
  readyPods,
  rolling,
  setsOf,
  sizesOf,
} from "./given-rollouts.ts";
import { converge, runPods, settle } from "./settling.ts";

describe("a rolling update", () => {
  test.each([
    // wanted, surge, unavailable -> at first: old and new replicas
    [10, "25%", "25%", { "web:1": 8, "web:2": 5 }],
    [4, "25%", "25%", { "web:1": 3, "web:2": 2 }],
    [3, "25%", "25%", { "web:1": 3, "web:2": 1 }],
    [10, 0, 1, { "web:1": 9, "web:2": 1 }],
    [10, 1, 0, { "web:1": 10, "web:2": 1 }],
    [10, "100%", 0, { "web:1": 10, "web:2": 10 }],
    [10, 0, "100%", { "web:1": 0, "web:2": 10 }],
    // Both round to nothing: one may be unavailable all the same.
    [3, "0%", "1%", { "web:1": 2, "web:2": 1 }],
    [1, 1, 0, { "web:1": 1, "web:2": 1 }],
  ])("of %d with surge %s and unavailable %s begins with %j", (wanted, surge, unavailable, sizes) => {
    const given = rolledOut("web", wanted, "web:1", rolling(surge, unavailable));
    apply(given, deployment("web", wanted, "web:2", rolling(surge, unavailable)));
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual(sizes);
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 0, "web:2": wanted });
  });

  test("goes on by one for every pod that becomes available", () => {
    const given = rolledOut("web", 3, "web:1", rolling(1, 0));
    apply(given, deployment("web", 3, "web:2", rolling(1, 0)));
    const steps: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      withoutReadiness(given);
      steps.push(imagesOf(given.state));
      for (const pod of livingPods(given.state)) if (!pod.ready) makeReady(given, pod);
    }
    expect(steps).toEqual([
      { "web:1": 3, "web:2": 1 },
      { "web:1": 2, "web:2": 2 },
      { "web:1": 1, "web:2": 3 },
      { "web:2": 3 },
    ]);
  });

  test("goes back to a template whose replica set waited for minReadySeconds, and no longer waits", () => {
    const given = rolledOut("web", 1, "web:1", { minReadySeconds: 10 });
    apply(given, deployment("web", 1, "web:2", { strategy: { type: "Recreate" } }));
    converge(given);
    apply(given, deployment("web", 1, "web:1", { strategy: { type: "Recreate" } }));
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "web:1": 1 });
    expect(setsOf(given, "web").get("web:1")?.value.spec).not.toHaveProperty("minReadySeconds");
  });

  test("waits for minReadySeconds", () => {
    const more = { ...rolling(1, 0), minReadySeconds: 10 };
    const given = rolledOut("web", 1, "web:1", more);
    apply(given, deployment("web", 1, "web:2", more));
    withoutReadiness(given);
    runPods(given);
    withoutReadiness(given);
    expect(imagesOf(given.state)).toEqual({ "web:1": 1, "web:2": 1 });
    given.now += 10_000;
    withoutReadiness(given);
    expect(imagesOf(given.state)).toEqual({ "web:2": 1 });
  });

  test("tells of itself when minReadySeconds is taken out again", () => {
    const given = rolledOut("web", 2, "web:1", { minReadySeconds: 1 });
    given.now += 1_000;
    converge(given);
    apply(given, { ...deployment("web", 0, "web:1") });
    converge(given);
    expect(deploymentOf(given, "web").status).toMatchObject({ replicas: 0, observedGeneration: 2 });
    expect(setsOf(given, "web").get("web:1")?.value["spec"]).not.toHaveProperty("minReadySeconds");
  });

  test("takes pods that do not work away first", () => {
    const given = rolledOut("web", 3, "web:1", rolling(0, 1));
    const [broken, ...working] = livingPods(given.state).map(({ ref }) => ref.uid);
    const brokenPod = broken && given.state.pod(broken);
    if (!brokenPod) throw new Error("no pod");
    makeReady(given, brokenPod, false);
    settle(given);
    apply(given, deployment("web", 3, "web:2", rolling(0, 1)));
    withoutReadiness(given);
    expect(given.state.pod(brokenPod.ref.uid)?.deletion).toMatchObject({
      reason: "3 of 2 replicas: scaled down",
    });
    expect(readyPods(given.state).map(({ ref }) => ref.uid)).toEqual(working);
  });

  test("that is overtaken by another one leaves the middle one behind", () => {
    const given = rolledOut("web", 4, "web:1", rolling(1, 0));
    apply(given, deployment("web", 4, "web:2", rolling(1, 0)));
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 4, "web:2": 1 });
    apply(given, deployment("web", 4, "web:3", rolling(1, 0)));
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 4, "web:2": 0, "web:3": 1 });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 0, "web:2": 0, "web:3": 4 });
  });

  test("scaled in its middle spreads the difference in proportion", () => {
    // The example of the documentation: 10 replicas, surge 3, unavailable 2, an image that does not work.
    const given = rolledOut("web", 10, "web:1", rolling(3, 2));
    apply(given, deployment("web", 10, "web:2", rolling(3, 2)));
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 8, "web:2": 5 });
    patch(given, "Deployment", "web", { spec: { replicas: 15 } });
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 11, "web:2": 7 });
    patch(given, "Deployment", "web", { spec: { replicas: 0 } });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 0, "web:2": 0 });
  });
});
