// Deployments, as the Kubernetes documentation describes them: their replica sets, Recreate and pauses.

import { describe, expect, test } from "vitest";
import { givenCluster, type Given } from "../cluster/given.ts";
import {
  apply,
  rolledOut,
  withoutReadiness,
  condition,
  deployment,
  deploymentOf,
  imagesOf,
  livingPods,
  patch,
  readyPods,
  rolling,
  setsOf,
  sizesOf,
} from "./given-rollouts.ts";
import { converge, settle } from "./settling.ts";

const revision = (given: Given, image: string): string | undefined =>
  setsOf(given, "web").get(image)?.value.metadata.annotations?.["deployment.kubernetes.io/revision"];

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
