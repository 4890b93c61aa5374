// Endpoints, and how a pod leaves them before it is stopped.

import { describe, expect, test } from "vitest";
import type { EndpointSubsetValue } from "../../protocol/mod.ts";
import {
  bind,
  controller,
  givenCluster,
  type Given,
  nodeName,
  pod,
  podOf,
  register,
  report,
  runningStatus,
  service,
} from "../cluster/given.ts";
import { terminationWaitMs } from "../cluster/mod.ts";
import { converge, settle } from "./settling.ts";

const subsetsOf = (given: Given, name: string): readonly EndpointSubsetValue[] | undefined => {
  const uid = given.state.object("Service", "default", name)?.ref.uid;
  return uid && given.state.endpointSubsets(uid);
};

function run(given: Given, name: string, ip: string, ports: readonly object[], ready = true): void {
  given.create({
    ...pod(name, { containers: [{ name: "c", image: "i", ports }] }),
    metadata: { name, labels: { app: "web" } },
  });
  bind(given, podOf(given, name), "n1");
  report(given, podOf(given, name), runningStatus(ip, ready));
}

describe("endpoints", () => {
  test("ready and not ready apart, by target port, in order of address", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(service("web", { ports: [{ name: "http", port: 80, targetPort: "http" }] }));
    run(given, "b", "10.42.0.3", [{ name: "http", containerPort: 8080 }]);
    run(given, "a", "10.42.0.2", [{ name: "http", containerPort: 8080 }]);
    run(given, "c", "10.42.0.4", [{ name: "http", containerPort: 9090 }], false);
    run(given, "without", "10.42.0.5", []);
    settle(given);
    const short = (subsetsOf(given, "web") ?? []).map(({ addresses, notReadyAddresses, ports }) => ({
      ready: addresses.map(({ ip }) => ip),
      notReady: notReadyAddresses.map(({ ip }) => ip),
      ports,
    }));
    expect(short).toEqual([
      {
        ready: ["10.42.0.2", "10.42.0.3"],
        notReady: [],
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      },
      { ready: [], notReady: ["10.42.0.4"], ports: [{ name: "http", port: 9090, protocol: "TCP" }] },
    ]);
    expect(given.state.serviceEntry("default", "web")?.endpoints).toHaveLength(2);
  });

  test("publishNotReadyAddresses publishes them", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(service("web", { publishNotReadyAddresses: true, clusterIP: "None", ports: [] }));
    run(given, "a", "10.42.0.2", [], false);
    settle(given);
    expect(subsetsOf(given, "web")).toMatchObject([{ addresses: [{ ip: "10.42.0.2" }], ports: [] }]);
  });

  test("exist, empty, for a service that selects nothing that runs", () => {
    const given = givenCluster();
    given.create(service("web"));
    settle(given);
    expect(given.state.render("Endpoints", "default", "web")).toMatchObject({ subsets: [] });
  });

  test("of a service without a selector are the user's", () => {
    const given = givenCluster();
    given.create(service("db", { selector: undefined, ports: [{ port: 5432 }] }));
    const before = given.state.servicesPosition;
    given.create({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "db" },
      subsets: [{ addresses: [{ ip: "192.0.2.7" }], ports: [{ port: 5432 }] }],
    });
    settle(given);
    expect(given.state.servicesPosition).toBeGreaterThan(before);
    expect(given.state.serviceEntry("default", "db")?.endpoints).toEqual([
      { ip: "192.0.2.7", ports: [5432], node: "", pod: "" },
    ]);
  });

  test("a failed pod, a suspected pod's node and a changed label are followed", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(service("web", { ports: [{ port: 80 }] }));
    run(given, "a", "10.42.0.2", []);
    run(given, "b", "10.42.0.3", []);
    settle(given);
    given.run({ type: "SuspectNode", node: nodeName("n1"), silentMs: 1 });
    settle(given);
    expect(subsetsOf(given, "web")?.[0]?.addresses).toHaveLength(2);
    report(given, podOf(given, "a"), { phase: "Failed", podIP: "10.42.0.2" });
    const patch = { metadata: { labels: { app: "other" } } };
    given.run({ type: "PatchObject", kind: "Pod", namespace: "default", name: "b", patch });
    settle(given);
    expect(subsetsOf(given, "web")).toEqual([]);
  });
});

describe("endpoints leave first", () => {
  const serving = (): Given => {
    const given = givenCluster();
    register(given, "n1");
    given.create(service("web", { ports: [{ port: 80 }] }));
    run(given, "a", "10.42.0.2", []);
    settle(given);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "a" });
    settle(given);
    return given;
  };

  test("a serving pod leaves them, and is stopped when two seconds have passed", () => {
    const given = serving();
    expect(subsetsOf(given, "web")).toEqual([]);
    const changed = given.log.findLast(({ type }) => type === "EndpointsChanged")?.position;
    expect(podOf(given, "a").deletion).toMatchObject({ released: false, serving: true, left: changed });
    expect(given.state.nextDueAt).toBe(given.now + terminationWaitMs);
    given.now += terminationWaitMs;
    settle(given);
    const asked = given.log.findLast(({ type }) => type === "DeletionRequested")?.position;
    expect(given.log.at(-1)).toMatchObject({
      type: "TerminationReleased",
      reason: "WaitEnded",
      cause: asked,
    });
    expect(given.state.nextDueAt).toBeUndefined();
  });

  test("or sooner, when every node has let go of it", () => {
    const given = serving();
    given.run({ type: "ReleaseTermination", pod: podOf(given, "a").ref, reason: "Acknowledged" });
    expect(podOf(given, "a")).toMatchObject({ deletion: { released: true }, assigned: given.state.position });
    expect([...given.state.podsLeaving()]).toEqual([]);
  });

  test("a pod that serves nothing is stopped at once", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("a"));
    bind(given, podOf(given, "a"), "n1");
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "a" });
    settle(given);
    expect(given.log.at(-1)).toMatchObject({ type: "TerminationReleased", reason: "NotServing" });
  });

  test("a deleted service lets go of the pods that leave with it", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(controller("web", 1));
    given.create(service("web"));
    converge(given);
    const [row] = [...given.state.pods()];
    if (!row) throw new Error("no pod");
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: row.ref.name });
    given.run({ type: "DeleteObject", kind: "Service", namespace: "default", name: "web" });
    const gone = given.log.find((event) => event.type === "ObjectDeleted" && event.object.kind === "Service");
    expect(podOf(given, row.ref.name).deletion).toMatchObject({ serving: true, left: gone?.position ?? -1 });
  });
});
