import { describe, expect, test } from "vitest";
import { type Given, givenCluster, podOf } from "../cluster/given.ts";
import {
  carryOut,
  claim,
  claimingPod,
  given,
  nodes,
  remove,
  storageClass,
  volume,
} from "../controllers/storage-fixtures.ts";
import { planPods } from "./mod.ts";

function cluster(...names: readonly string[]): Given {
  const made = givenCluster();
  nodes(made, ...names);
  given(made, storageClass("local"));
  return made;
}
const waits = (made: Given, name: string): string | undefined => podOf(made, name).refusal?.message;
const manual = { storageClassName: "manual" };

describe("a pod waits, and says why", () => {
  test.each([
    { why: 'persistentvolumeclaim "data" not found', objects: [] },
    {
      why: "pod has unbound immediate PersistentVolumeClaims",
      objects: [claim("data", { storageClassName: "none" })],
    },
    {
      why: "2 node(s) didn't find available persistent volumes to bind",
      objects: [
        storageClass("byhand", { provisioner: "kubernetes.io/no-provisioner" }),
        claim("data", { storageClassName: "byhand" }),
      ],
    },
    {
      why: "2 node(s) didn't find available persistent volumes to bind",
      objects: [
        storageClass("engine", { provisioner: "berth.io/docker-volume" }),
        claim("data", { storageClassName: "engine" }),
      ],
    },
  ])("$why", ({ why, objects }) => {
    const made = cluster("n1", "n2");
    given(made, ...objects, claimingPod("db", ["data"]));
    expect(waits(made, "db")).toBe(`0/2 nodes are available: ${why}.`);
  });

  test("and goes on when the claim appears", () => {
    const made = cluster("n1");
    given(made, claimingPod("db", ["data"]));
    given(made, claim("data"));
    expect(podOf(made, "db").node).toBe("n1");
  });

  test("for a claim that is being deleted", () => {
    const made = cluster("n1");
    given(made, claim("data"), claimingPod("one", ["data"]));
    remove(made, "PersistentVolumeClaim", "data");
    given(made, claimingPod("two", ["data"]));
    expect(waits(made, "two")).toContain('persistentvolumeclaim "data" is being deleted');
  });
});

describe("a pod goes to its data", () => {
  test("where its volume is bound already", () => {
    const made = cluster("n1", "n2", "n3");
    given(made, volume("pv", "n2"), claim("data", manual), claimingPod("db", ["data"]));
    expect(podOf(made, "db").node).toBe("n2");
  });

  test("of two claims on different nodes there is no node", () => {
    const made = cluster("n1", "n2", "n3");
    given(made, volume("a", "n1"), volume("b", "n2", { capacity: { storage: "2Gi" } }));
    given(
      made,
      claim("one", manual),
      claim("two", { ...manual, resources: { requests: { storage: "2Gi" } } }),
    );
    given(made, claimingPod("db", ["one", "two"]));
    expect(waits(made, "db")).toContain("3 node(s) had volume node affinity conflict");
  });

  test("a volume of a class that waits is chosen with the pod's node, each once", () => {
    const made = cluster("n1", "n2", "n3");
    given(made, storageClass("byhand", { provisioner: "kubernetes.io/no-provisioner" }));
    const byHand = { storageClassName: "byhand" };
    given(made, volume("a", "n1", byHand), volume("b", "n3", byHand));
    for (const name of ["one", "two", "three"]) given(made, claim(name, byHand), claimingPod(name, [name]));
    expect(new Set([podOf(made, "one").node, podOf(made, "two").node])).toEqual(new Set(["n1", "n3"]));
    expect(waits(made, "three")).toContain("didn't find available persistent volumes to bind");
  });

  test("only to nodes that the class may use", () => {
    const made = cluster("n1", "n2");
    const values = ["n2"];
    const allowedTopologies = [{ matchLabelExpressions: [{ key: "kubernetes.io/hostname", values }] }];
    given(made, storageClass("here", { allowedTopologies }), claim("data", { storageClassName: "here" }));
    given(made, claimingPod("db", ["data"]));
    expect(podOf(made, "db").node).toBe("n2");
  });
});

describe("access modes", () => {
  const shared = (mode: string) => {
    const made = cluster("n1", "n2", "n3");
    given(
      made,
      volume("pv", undefined, { accessModes: [mode] }),
      claim("data", { ...manual, accessModes: [mode] }),
    );
    for (const name of ["a", "b", "c"]) given(made, claimingPod(name, ["data"]));
    return { made, nodes: ["a", "b", "c"].map((name) => podOf(made, name).node) };
  };

  test("ReadWriteOnce keeps the pods of a claim on one node", () => {
    const { nodes: used } = shared("ReadWriteOnce");
    expect(used).toEqual(["n1", "n1", "n1"]);
  });

  test.each(["ReadWriteMany", "ReadOnlyMany"])("%s lets them spread", (mode) => {
    expect(new Set(shared(mode).nodes).size).toBe(3);
  });

  test("ReadWriteOncePod lets one have it, and the next when that is gone", () => {
    const { made, nodes: used } = shared("ReadWriteOncePod");
    expect(used.slice(1)).toEqual([undefined, undefined]);
    expect(waits(made, "b")).toContain("ReadWriteOncePod access mode");
    made.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "a", gracePeriodSeconds: 0 });
    carryOut(made);
    expect(used[0]).toBe("n1");
    expect(["b", "c"].map((name) => podOf(made, name).node)).toEqual(["n1", undefined]);
  });

  test("pods of one template that share an undecided claim go where the first goes", () => {
    const made = cluster("n1", "n2", "n3");
    given(made, claim("data"));
    const { spec } = claimingPod("x", ["data"]);
    given(made, {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "web" },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec },
      },
    });
    const used = [...made.state.pods()].map(({ node }) => node);
    expect(used).toEqual(["n1", "n1", "n1"]);
  });
});

test("placing a pod by its data looks at one node, however many there are", () => {
  const looks = (count: number): number => {
    const names = Array.from({ length: count }, (_, index) => `n${index}`);
    const made = cluster(...names);
    given(made, claim("data"), claimingPod("first", ["data"]));
    made.create(claimingPod("second", ["data"]));
    let asked = 0;
    const { state } = made;
    const snapshot = {
      nodes: () => state.nodes(),
      node: state.node.bind(state),
      groupCount: (group: string, node: Parameters<typeof state.groupCount>[1]) => {
        asked++;
        return state.groupCount(group, node);
      },
      hostPortTaken: state.hostPortTaken.bind(state),
      podsOnNode: state.podsOnNode.bind(state),
      object: state.object.bind(state),
      podsUsingClaim: state.podsUsingClaim.bind(state),
      freeVolumes: state.freeVolumes.bind(state),
      pods: state.pods.bind(state),
      podsNominated: state.podsNominated.bind(state),
      podsSelected: state.podsSelected.bind(state),
      budgetsOf: state.budgetsOf.bind(state),
      roomBelow: state.roomBelow.bind(state),
      objectByUid: state.objectByUid.bind(state),
    };
    const { bindings } = planPods(snapshot, [podOf(made, "second")], 0);
    expect(bindings).toHaveLength(1);
    return asked;
  };
  expect(looks(2)).toBe(1);
  expect(looks(50)).toBe(1);
});

test("a daemon set's pods with a claim wait for it as others do", () => {
  const made = cluster("n1", "n2");
  const { spec } = claimingPod("x", ["data"]);
  given(made, {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "log" },
    spec: {
      selector: { matchLabels: { app: "log" } },
      template: { metadata: { labels: { app: "log" } }, spec },
    },
  });
  const pods = () => [...made.state.pods()];
  expect(pods().map(({ node }) => node)).toEqual([undefined, undefined]);
  expect(pods()[0]?.refusal?.message).toContain('persistentvolumeclaim "data" not found');
  given(made, claim("data"));
  expect(pods().filter(({ node }) => node !== undefined)).toHaveLength(1);
});
