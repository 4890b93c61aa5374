// Garbage collection by owner: background, foreground, orphan; lost owners.

import { describe, expect, test } from "vitest";
import { controller, givenCluster, type Given, pod, podOf, register, service } from "../cluster/given.ts";
import { activePods, converge, settle } from "./settling.ts";

const running = (): Given => {
  const given = givenCluster();
  register(given, "n1");
  given.create(controller("web", 3));
  converge(given);
  return given;
};
const remove = (given: Given, propagation: "Background" | "Foreground" | "Orphan"): void => {
  given.run({
    type: "DeleteObject",
    kind: "ReplicationController",
    namespace: "default",
    name: "web",
    propagation,
  });
};
const owner = (given: Given) => given.state.object("ReplicationController", "default", "web");

describe("garbage collection", () => {
  test("background: the owner goes at once, its pods follow", () => {
    const given = running();
    remove(given, "Background");
    expect(owner(given)).toBeUndefined();
    converge(given);
    expect(given.state.podCount).toBe(0);
  });

  test("foreground: the owner waits for its pods, and makes no new ones", () => {
    const given = running();
    remove(given, "Foreground");
    settle(given);
    expect(owner(given)?.value.metadata.finalizers).toEqual(["foregroundDeletion"]);
    expect(activePods(given.state)).toBe(0);
    converge(given);
    expect(owner(given)).toBeUndefined();
    expect(given.state.podCount).toBe(0);
  });

  test("orphan: the pods stay, and another controller may have them", () => {
    const given = running();
    const uids = (): readonly string[] => [...given.state.pods()].map(({ ref }) => ref.uid).sort();
    const before = uids();
    remove(given, "Orphan");
    converge(given);
    expect(owner(given)).toBeUndefined();
    expect(activePods(given.state)).toBe(3);
    expect(uids()).toEqual(before);
    given.create(controller("web", 3));
    const length = given.log.length;
    settle(given);
    expect(given.since(length).filter((type) => type === "OwnersChanged")).toHaveLength(3);
    expect(given.since(length)).not.toContain("PodCreated");
    const { uid } = owner(given)?.ref ?? {};
    expect([...given.state.pods()].map((row) => row.owner)).toEqual([uid, uid, uid]);
  });

  test("one of two owners goes: what they own stays, and names the other alone", () => {
    const given = givenCluster();
    const owners = ["stays", "goes"].map((name) => {
      const { uid } = given.create(service(name)).object ?? {};
      return { apiVersion: "v1", kind: "Service", name, uid: uid ?? "" };
    });
    given.create({ ...pod("both"), metadata: { name: "both", ownerReferences: owners } });
    given.run({ type: "DeleteObject", kind: "Service", namespace: "default", name: "goes" });
    settle(given);
    expect(podOf(given, "both")).toMatchObject({ metadata: { ownerReferences: [{ name: "stays" }] } });
    expect(podOf(given, "both").metadata.ownerReferences).toHaveLength(1);
    expect(podOf(given, "both").deletion).toBeUndefined();
  });

  test("an object whose owner never was goes, one that has another owner stays", () => {
    const given = givenCluster();
    const live = given.create(service("live")).object;
    const missing = { apiVersion: "v1", kind: "Service", name: "gone", uid: "no-such-uid" };
    const owned = (name: string, ownerReferences: unknown[]) => ({
      ...pod(name),
      metadata: { name, ownerReferences: ownerReferences as never[] },
    });
    given.create(owned("lost", [missing]));
    given.create(
      owned("kept", [missing, { apiVersion: "v1", kind: "Service", name: "live", uid: live?.uid }]),
    );
    settle(given);
    expect(given.state.podNamed("default", "lost")).toBeUndefined();
    expect(podOf(given, "kept").metadata.ownerReferences).toMatchObject([{ name: "live", uid: live?.uid }]);
    expect(given.log.filter(({ type }) => type === "ObjectDeleted")).toMatchObject([
      {
        object: { kind: "Pod", name: "lost" },
        by: "controller:garbage",
        reason: "owner Service gone is gone",
      },
    ]);
  });
});
