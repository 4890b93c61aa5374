// Deployments, as the Kubernetes documentation describes them.

import { describe, expect, test } from "vitest";
import { givenCluster, type Given, register } from "../cluster/given.ts";
import {
  apply,
  condition,
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
import { converge, runPods, schedule, settle } from "./settling.ts";

/** A cluster in which this deployment is rolled out. */
function rolledOut(...made: Parameters<typeof deployment>): Given {
  const given = givenCluster();
  register(given, "n1");
  apply(given, deployment(...made));
  converge(given);
  return given;
}

const revision = (given: Given, image: string): string | undefined =>
  setsOf(given, "web").get(image)?.value.metadata.annotations?.["deployment.kubernetes.io/revision"];

/** One round in which pods are bound and those that go are gone, but none becomes ready. */
function withoutReadiness(given: Given): void {
  settle(given);
  schedule(given);
  settle(given);
}

describe("a deployment", () => {
  test("makes a replica set named after its template, and that makes the pods", () => {
    const given = rolledOut("web", 3, "web:1");
    const [set] = setsOf(given, "web").values();
    const hash = set?.value.metadata.labels?.["pod-template-hash"];
    expect(set?.ref.name).toBe(`web-${hash}`);
    expect(set?.value).toMatchObject({
      metadata: {
        labels: { app: "web" },
        annotations: {
          "deployment.kubernetes.io/revision": "1",
          "deployment.kubernetes.io/desired-replicas": "3",
          "deployment.kubernetes.io/max-replicas": "4",
        },
      },
      spec: { selector: { matchLabels: { app: "web", "pod-template-hash": hash } } },
    });
    expect(livingPods(given.state).map((pod) => pod.metadata.labels?.["pod-template-hash"])).toEqual([
      hash,
      hash,
      hash,
    ]);
    expect(deploymentOf(given, "web").status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
    });
    expect(condition(given, "web", "Progressing")).toBe("True NewReplicaSetAvailable");
    expect(condition(given, "web", "Available")).toBe("True MinimumReplicasAvailable");
  });

  test("falls silent", () => {
    const given = rolledOut("web", 3, "web:1");
    const before = given.log.length;
    given.state.markAllDirty();
    settle(given);
    expect(given.since(before)).toEqual([]);
  });

  test("tells of a pod that was replaced in the same turn, in which its replica set has nothing to tell", () => {
    const given = givenCluster();
    apply(given, deployment("web", 3, "web:1"));
    settle(given);
    patch(given, "Deployment", "web", { metadata: { labels: { looked: "at-first" } } });
    const [pod] = livingPods(given.state);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: pod?.ref.name ?? "" });
    settle(given);
    expect(livingPods(given.state)).toHaveLength(3);
    expect(deploymentOf(given, "web").status).toMatchObject({ replicas: 3, updatedReplicas: 3 });
  });

  test("that returns to an old template uses its replica set again, as a new revision", () => {
    const given = rolledOut("web", 2, "web:1");
    apply(given, deployment("web", 2, "web:2"));
    converge(given);
    expect([revision(given, "web:1"), revision(given, "web:2")]).toEqual(["1", "2"]);
    apply(given, deployment("web", 2, "web:1"));
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 0 });
    expect([revision(given, "web:1"), revision(given, "web:2")]).toEqual(["3", "2"]);
    expect(setsOf(given, "web").get("web:1")?.value.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision-history": "1",
    });
    expect(deploymentOf(given, "web").value.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
    });
  });

  test("takes another hash where a stranger has the name", () => {
    const first = rolledOut("web", 1, "web:1");
    const [name] = [...setsOf(first, "web").values()].map(({ ref }) => ref.name);
    const given = givenCluster();
    const stranger = deployment("other", 0, "other:1");
    given.create({ ...stranger, kind: "ReplicaSet", metadata: { name: name ?? "" } });
    apply(given, deployment("web", 1, "web:1"));
    settle(given);
    const [set] = setsOf(given, "web").values();
    expect(set?.ref.name).not.toBe(name);
    expect(deploymentOf(given, "web").status).toMatchObject({ collisionCount: 1 });
  });

  test("keeps so many old replica sets as its history limit says", () => {
    const given = rolledOut("web", 1, "web:1", { revisionHistoryLimit: 1 });
    for (const image of ["web:2", "web:3", "web:4"]) {
      apply(given, deployment("web", 1, image, { revisionHistoryLimit: 1 }));
      converge(given);
    }
    expect(sizesOf(given, "web")).toEqual({ "web:3": 0, "web:4": 1 });
  });

  test("adopts replica sets that match, and lets go of those that no longer do", () => {
    const given = rolledOut("web", 2, "web:1");
    given.run({
      type: "DeleteObject",
      kind: "Deployment",
      namespace: "default",
      name: "web",
      propagation: "Orphan",
    });
    converge(given);
    expect(given.state.object("Deployment", "default", "web")).toBeUndefined();
    expect(readyPods(given.state)).toHaveLength(2);
    const pods = livingPods(given.state).map(({ ref }) => ref.uid);
    apply(given, deployment("web", 2, "web:1"));
    converge(given);
    expect(livingPods(given.state).map(({ ref }) => ref.uid)).toEqual(pods);
    const [set] = setsOf(given, "web").values();
    patch(given, "ReplicaSet", set?.ref.name ?? "", { metadata: { labels: { app: "other" } } });
    settle(given);
    expect(given.state.objectByUid(set!.ref.uid)?.value.metadata.ownerReferences ?? []).toEqual([]);
  });

  test.each(["Background", "Foreground"] as const)(
    "deleted with %s takes everything along",
    (propagation) => {
      const given = rolledOut("web", 2, "web:1");
      given.run({ type: "DeleteObject", kind: "Deployment", namespace: "default", name: "web", propagation });
      settle(given);
      const there = given.state.object("Deployment", "default", "web") !== undefined;
      expect(there).toBe(propagation === "Foreground");
      converge(given);
      expect([...given.state.objects("ReplicaSet")]).toEqual([]);
      expect(given.state.podCount).toBe(0);
      expect(given.state.object("Deployment", "default", "web")).toBeUndefined();
    },
  );

  test("makes a replica set anew that was deleted", () => {
    const given = rolledOut("web", 2, "web:1");
    const [set] = setsOf(given, "web").values();
    given.run({ type: "DeleteObject", kind: "ReplicaSet", namespace: "default", name: set?.ref.name ?? "" });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2 });
    expect(readyPods(given.state)).toHaveLength(2);
  });
});

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
    const [broken] = livingPods(given.state);
    if (!broken) throw new Error("no pod");
    makeReady(given, broken, false);
    settle(given);
    apply(given, deployment("web", 3, "web:2", rolling(0, 1)));
    withoutReadiness(given);
    expect(given.state.pod(broken.ref.uid)?.deletion ?? "gone").not.toBeUndefined();
    expect(readyPods(given.state)).toHaveLength(2);
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

describe("Recreate", () => {
  const recreate = { strategy: { type: "Recreate" } };
  test("makes new pods only when the last old one has ended", () => {
    const given = rolledOut("web", 2, "web:1", recreate);
    apply(given, deployment("web", 2, "web:2", recreate));
    withoutReadiness(given);
    expect(imagesOf(given.state)).toEqual({});
    expect(given.state.podCount).toBe(2);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 0 });
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "web:2": 2 });
  });
  test("may be chosen for a deployment that rolled before", () => {
    const given = rolledOut("web", 2, "web:1");
    apply(given, deployment("web", 2, "web:2", recreate));
    converge(given);
    expect(imagesOf(given.state)).toEqual({ "web:2": 2 });
  });
});

describe("a paused deployment", () => {
  test("takes no new template, but scales", () => {
    const given = rolledOut("web", 2, "web:1");
    patch(given, "Deployment", "web", { spec: { paused: true } });
    apply(given, deployment("web", 2, "web:2"));
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2 });
    expect(condition(given, "web", "Progressing")).toBe("Unknown DeploymentPaused");
    patch(given, "Deployment", "web", { spec: { replicas: 4 } });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 4 });
    patch(given, "Deployment", "web", { spec: { paused: false, replicas: 2 } });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 0, "web:2": 2 });
    expect(condition(given, "web", "Progressing")).toBe("True NewReplicaSetAvailable");
  });
  test("keeps a rollout in its middle as it is", () => {
    const given = rolledOut("web", 4, "web:1", rolling(1, 0));
    apply(given, deployment("web", 4, "web:2", rolling(1, 0)));
    withoutReadiness(given);
    patch(given, "Deployment", "web", { spec: { paused: true } });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 4, "web:2": 1 });
    patch(given, "Deployment", "web", { spec: { paused: false } });
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 0, "web:2": 4 });
  });
});

describe("the progress deadline", () => {
  const stuck = (more: Readonly<Record<string, unknown>> = {}): Given => {
    const given = rolledOut("web", 2, "web:1", more);
    apply(given, deployment("web", 2, "web:2", { progressDeadlineSeconds: 60, ...more }));
    withoutReadiness(given);
    return given;
  };
  test("passes without progress: the condition says so, and nothing else changes", () => {
    const given = stuck();
    expect(condition(given, "web", "Progressing")).toMatch(/^True/);
    expect(given.state.nextDueAt).toBe(given.now + 60_000);
    given.now += 60_000;
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("False ProgressDeadlineExceeded");
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 1 });
    expect(given.state.nextDueAt).toBeUndefined();
  });
  test("starts anew with every step forward", () => {
    const given = stuck();
    given.now += 50_000;
    runPods(given);
    withoutReadiness(given);
    given.now += 50_000;
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("True ReplicaSetUpdated");
    expect(given.state.nextDueAt).toBe(given.now + 10_000);
  });
  test("is forgiven when the pods work after all", () => {
    const given = stuck();
    given.now += 60_000;
    withoutReadiness(given);
    converge(given);
    expect(condition(given, "web", "Progressing")).toBe("True NewReplicaSetAvailable");
  });
  test("does not run while the deployment is paused", () => {
    const given = stuck();
    patch(given, "Deployment", "web", { spec: { paused: true } });
    settle(given);
    given.now += 3_600_000;
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("Unknown DeploymentPaused");
    patch(given, "Deployment", "web", { spec: { paused: false } });
    withoutReadiness(given);
    expect(condition(given, "web", "Progressing")).toBe("Unknown DeploymentResumed");
    expect(given.state.nextDueAt).toBe(given.now + 60_000);
  });
});

describe("automatic revert", () => {
  const reverting = (image: string, name = "web") => ({
    ...deployment(name, 2, image, { progressDeadlineSeconds: 60 }),
    metadata: { name, annotations: { "berth.io/auto-revert": "true" } },
  });
  const failed = (): Given => {
    const given = givenCluster();
    register(given, "n1");
    apply(given, reverting("web:1"));
    converge(given);
    apply(given, reverting("web:2"));
    withoutReadiness(given);
    given.now += 60_000;
    withoutReadiness(given);
    return given;
  };
  test("goes back to the last template that was rolled out, and says so", () => {
    const given = failed();
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 0 });
    expect(condition(given, "web", "Reverted")).toBe("True ProgressDeadlineExceeded");
    expect(condition(given, "web", "Progressing")).toBe("True NewReplicaSetAvailable");
    const told = given.log.filter(
      (event) => event.type === "ObjectUpdated" && event.reason?.includes("reverted"),
    );
    expect(told).toMatchObject([
      { reason: "rollout reverted: revision 2 made no progress in 60 s, back to revision 1" },
    ]);
  });
  test("is forgotten with the next template, and takes back the next failure too, but not to a failed one", () => {
    const given = failed();
    converge(given);
    apply(given, reverting("web:3"));
    withoutReadiness(given);
    expect(condition(given, "web", "Reverted")).toBe("none");
    given.now += 60_000;
    withoutReadiness(given);
    converge(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 0, "web:3": 0 });
  });
  test("of a first rollout has nothing to go back to", () => {
    const given = givenCluster();
    apply(given, reverting("web:1"));
    settle(given);
    given.now += 60_000;
    settle(given);
    expect(condition(given, "web", "Progressing")).toBe("False ProgressDeadlineExceeded");
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2 });
  });
  test("is off by default", () => {
    const given = rolledOut("web", 2, "web:1");
    apply(given, deployment("web", 2, "web:2", { progressDeadlineSeconds: 60 }));
    withoutReadiness(given);
    given.now += 60_000;
    withoutReadiness(given);
    expect(sizesOf(given, "web")).toEqual({ "web:1": 2, "web:2": 1 });
  });
});
