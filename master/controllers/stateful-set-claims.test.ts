import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import {
  type Given,
  givenCluster,
  nodeName,
  nodeOf,
  podOf,
  report,
  runningStatus,
} from "../cluster/given.ts";
import { patchSet, statefulSet } from "./batch-fixtures.ts";
import { boundTo, carryOut, claim, claimOf, given, nodes, remove, storageClass } from "./storage-fixtures.ts";

type Fields = Readonly<Record<string, unknown>>;

const dataTemplate = { metadata: { name: "data" }, spec: claim("data").spec };
const withClaims = (replicas: number, spec: Fields = {}): ApiObject =>
  statefulSet("db", replicas, {
    volumeClaimTemplates: [dataTemplate],
    podManagementPolicy: "Parallel",
    template: {
      metadata: { labels: { app: "db" } },
      spec: {
        containers: [{ name: "main", image: "db:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
      },
    },
    ...spec,
  });

const claims = (cluster: Given): readonly string[] =>
  [...cluster.state.objects("PersistentVolumeClaim")].map(({ ref }) => ref.name).sort();

function started(set: ApiObject): Given {
  const cluster = givenCluster();
  nodes(cluster, "n1", "n2", "n3");
  given(cluster, storageClass("local"), set);
  runAll(cluster);
  return cluster;
}

function runAll(cluster: Given): void {
  for (let round = 0; round < 20; round++) {
    const before = cluster.log.length;
    carryOut(cluster);
    for (const pod of [...cluster.state.pods()]) {
      if (pod.node === undefined || cluster.state.node(pod.node)?.state === "Lost") continue;
      if (pod.deletion?.released) report(cluster, pod, pod.status, true);
      else if (!pod.deletion && !pod.ready) report(cluster, pod, runningStatus("10.42.0.2"));
    }
    carryOut(cluster);
    if (cluster.log.length === before) return;
  }
}

const patch = (cluster: Given, spec: Fields): void => {
  patchSet(cluster, spec);
  runAll(cluster);
};

describe("volume claim templates", () => {
  test("become a claim for each pod, that its volume names", () => {
    const cluster = started(withClaims(2));
    expect(claims(cluster)).toEqual(["data-db-0", "data-db-1"]);
    expect(podOf(cluster, "db-1").spec.volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: "data-db-1" } },
    ]);
    expect(claimOf(cluster, "data-db-0").value.metadata).toMatchObject({ labels: { app: "db" } });
    expect(claimOf(cluster, "data-db-0").value.metadata.ownerReferences).toBeUndefined();
    expect(boundTo(cluster, "data-db-0")).toBe(`pvc-${claimOf(cluster, "data-db-0").ref.uid}`);
  });

  test("no warning names them any more", () => {
    const cluster = givenCluster();
    expect(cluster.create(withClaims(1)).warnings).toBeUndefined();
  });

  test("a pod that is made again finds its claim, and goes to where its data is", () => {
    const cluster = started(withClaims(3));
    const before = { node: podOf(cluster, "db-1").node, volume: boundTo(cluster, "data-db-1") };
    const { uid } = podOf(cluster, "db-1").ref;
    remove(cluster, "Pod", "db-1");
    runAll(cluster);
    expect(podOf(cluster, "db-1").ref.uid).not.toBe(uid);
    expect({ node: podOf(cluster, "db-1").node, volume: boundTo(cluster, "data-db-1") }).toEqual(before);
  });

  test("claims are kept when the set is scaled down and up, and when it is deleted and made again", () => {
    const cluster = started(withClaims(2));
    const volume = boundTo(cluster, "data-db-1");
    patch(cluster, { replicas: 1 });
    expect(claims(cluster)).toEqual(["data-db-0", "data-db-1"]);
    patch(cluster, { replicas: 2 });
    expect(boundTo(cluster, "data-db-1")).toBe(volume);
    remove(cluster, "StatefulSet", "db");
    runAll(cluster);
    expect(claims(cluster)).toEqual(["data-db-0", "data-db-1"]);
    given(cluster, withClaims(2));
    runAll(cluster);
    expect(boundTo(cluster, "data-db-1")).toBe(volume);
    expect(podOf(cluster, "db-1").ready).toBe(true);
  });

  test("a claim that was there is taken as it is; one that is deleted meanwhile is made again for a waiting pod", () => {
    const cluster = givenCluster();
    given(
      cluster,
      storageClass("local"),
      claim("data-db-0", { resources: { requests: { storage: "7Gi" } } }),
    );
    given(cluster, withClaims(1));
    const { uid } = claimOf(cluster, "data-db-0").ref;
    expect(claims(cluster)).toEqual(["data-db-0"]);
    remove(cluster, "PersistentVolumeClaim", "data-db-0");
    expect(claimOf(cluster, "data-db-0").ref.uid).not.toBe(uid);
    nodes(cluster, "n1");
    runAll(cluster);
    expect(podOf(cluster, "db-0").ready).toBe(true);
  });
});

describe("persistentVolumeClaimRetentionPolicy", () => {
  const policy = (whenDeleted: string, whenScaled: string): Fields => ({
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
  });

  test.each([
    { when: ["Retain", "Retain"], scaled: ["data-db-0", "data-db-1"], gone: ["data-db-0", "data-db-1"] },
    { when: ["Retain", "Delete"], scaled: ["data-db-0"], gone: ["data-db-0"] },
    { when: ["Delete", "Retain"], scaled: ["data-db-0", "data-db-1"], gone: [] },
    { when: ["Delete", "Delete"], scaled: ["data-db-0"], gone: [] },
  ])("whenDeleted and whenScaled $when", ({ when: [whenDeleted = "", whenScaled = ""], scaled, gone }) => {
    const cluster = started(withClaims(2, policy(whenDeleted, whenScaled)));
    patch(cluster, { replicas: 1 });
    expect(claims(cluster)).toEqual(scaled);
    remove(cluster, "StatefulSet", "db");
    runAll(cluster);
    expect(claims(cluster)).toEqual(gone);
  });

  test("can change while the set is there; claims of pods that were scaled away before are not touched", () => {
    const cluster = started(withClaims(3));
    patch(cluster, { replicas: 2 });
    patch(cluster, policy("Retain", "Delete"));
    patch(cluster, { replicas: 1 });
    expect(claims(cluster)).toEqual(["data-db-0", "data-db-2"]);
    patch(cluster, policy("Delete", "Retain"));
    const { uid } = cluster.state.object("StatefulSet", "default", "db")?.ref ?? {};
    const ownersOf = (name: string) => claimOf(cluster, name).value.metadata.ownerReferences ?? [];
    expect(ownersOf("data-db-0")).toMatchObject([{ kind: "StatefulSet", name: "db", uid }]);
    expect(ownersOf("data-db-2")).toEqual([]);
    patch(cluster, policy("Retain", "Retain"));
    expect(claimOf(cluster, "data-db-0").value.metadata.ownerReferences).toEqual([]);
  });
});

test("a pod whose data is on a lost node waits for it, and starts nowhere else", () => {
  const cluster = started(withClaims(3));
  const { node = nodeName("n1"), ref } = podOf(cluster, "db-1");
  const volume = boundTo(cluster, "data-db-1");
  cluster.run({ type: "LoseNode", node, silentMs: 10_000 }, "master:m1");
  cluster.run({ type: "FenceNode", node, reason: "power is off" });
  runAll(cluster);
  const replacement = podOf(cluster, "db-1");
  expect(replacement.ref.uid).not.toBe(ref.uid);
  expect(replacement.node).toBeUndefined();
  expect(replacement.refusal?.message).toBe(
    `0/3 nodes are available: 2 node(s) had volume node affinity conflict, 1 node(s) were not ready. The data of claim data-db-1 is on node ${node}, which is lost: the pod waits for it.`,
  );
  cluster.run({ type: "RecoverNode", node, session: nodeOf(cluster, node).session }, "master:m1");
  runAll(cluster);
  expect(podOf(cluster, "db-1")).toMatchObject({ node, ready: true });
  expect(boundTo(cluster, "data-db-1")).toBe(volume);
});

describe("ephemeral volumes", () => {
  const pod: ApiObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "job" },
    spec: {
      containers: [{ name: "main", image: "db:1" }],
      volumes: [{ name: "scratch", ephemeral: { volumeClaimTemplate: { spec: claim("x").spec } } }],
    },
  };
  const cluster = (): Given => {
    const made = givenCluster();
    nodes(made, "n1");
    given(made, storageClass("local"));
    return made;
  };

  test("get a claim of the pod's own, which goes with it", () => {
    const made = cluster();
    given(made, pod);
    runAll(made);
    expect(podOf(made, "job").ready).toBe(true);
    expect(claimOf(made, "job-scratch").value.metadata.ownerReferences).toMatchObject([
      { kind: "Pod", name: "job", controller: true },
    ]);
    remove(made, "Pod", "job");
    runAll(made);
    expect(claims(made)).toEqual([]);
  });

  test("do not take a claim that somebody else made", () => {
    const made = cluster();
    given(made, claim("job-scratch"), pod);
    expect(podOf(made, "job").refusal?.message).toContain(
      "PVC default/job-scratch was not created for pod default/job (pod is not owner)",
    );
  });
});
