// The fold: what events make of the state, what undo takes back, and that it is always the same.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Positioned, Uid } from "../../protocol/mod.ts";
import { createClusterState, evolve } from "./mod.ts";
import {
  bind,
  controller,
  givenCluster,
  nodeName,
  nodeOf,
  pod,
  podOf,
  register,
  report,
  runningStatus,
  service,
} from "./given.ts";
import { converge } from "../controllers/settling.ts";
import { commandScript, play } from "../controllers/random-commands.ts";

const fold = (events: readonly Positioned[]): ReturnType<typeof createClusterState> => {
  const state = createClusterState();
  for (const event of events) evolve(state, event);
  return state;
};

describe("the fold", () => {
  test("pods of one owner share spec, labels and annotations", () => {
    const given = givenCluster();
    given.create(controller("web", 3));
    converge(given);
    const [first, second] = [...given.state.pods("default")];
    expect(first?.spec).toBe(second?.spec);
    expect(first?.metadata.labels).toBe(second?.metadata.labels);
    expect(first?.metadata.ownerReferences).toBe(second?.metadata.ownerReferences);
    expect(first?.group).toBe(second?.group);
  });

  test("a node's use follows binding, finishing and deletion of its pods", () => {
    const given = givenCluster();
    register(given, "n1");
    const spec = {
      containers: [{ name: "c", image: "i", resources: { requests: { cpu: "500m", memory: "1Gi" } } }],
    };
    given.create(pod("a", { ...spec, restartPolicy: "Never" }));
    given.create(pod("b", spec));
    bind(given, podOf(given, "a"), "n1");
    bind(given, podOf(given, "b"), "n1");
    expect(nodeOf(given, "n1").used).toEqual({ cpuMilli: 1000, memoryBytes: 2 * 2 ** 30, pods: 2 });
    report(given, podOf(given, "a"), { phase: "Succeeded" });
    expect(nodeOf(given, "n1").used.pods).toBe(1);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: "b", gracePeriodSeconds: 0 });
    expect(nodeOf(given, "n1").used).toEqual({ cpuMilli: 0, memoryBytes: 0, pods: 0 });
  });

  test("pods wait in the order in which they were made, also after an undo", () => {
    const given = givenCluster();
    register(given, "n1");
    for (const name of ["a", "b", "c"]) given.create(pod(name));
    const mark = given.state.mark();
    bind(given, podOf(given, "a"), "n1");
    given.state.undo(mark);
    expect([...given.state.podsWaiting()].map(({ ref }) => ref.name)).toEqual(["a", "b", "c"]);
  });

  test("an event about something that is gone changes nothing but the position", () => {
    const given = givenCluster();
    const object = { kind: "Pod", namespace: "default", name: "x", uid: "nobody" as Uid };
    given.evolve({
      version: 1,
      at: given.now,
      by: "node:n1",
      type: "PodStatusObserved",
      object,
      node: nodeName("n1"),
      status: runningStatus("10.0.0.1"),
    });
    expect(given.state.podCount).toBe(0);
  });

  test("host ports on every address collide with those on one", () => {
    const given = givenCluster();
    register(given, "n1");
    const container = {
      name: "c",
      image: "i",
      ports: [{ containerPort: 80, hostPort: 80, hostIP: "192.0.2.1" }],
    };
    given.create(pod("a", { containers: [container] }));
    bind(given, podOf(given, "a"), "n1");
    const n1 = nodeName("n1");
    expect(given.state.hostPortTaken(n1, "0.0.0.0/TCP/80")).toBe(true);
    expect(given.state.hostPortTaken(n1, "192.0.2.1/TCP/80")).toBe(true);
    expect(given.state.hostPortTaken(n1, "192.0.2.2/TCP/80")).toBe(false);
    expect(given.state.hostPortTaken(n1, "192.0.2.1/UDP/80")).toBe(false);
  });

  test("a service's entry has the target port of each ready pod", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(controller("web", 2));
    given.create(service("web"));
    converge(given);
    const entry = given.state.serviceEntry("default", "web");
    expect(entry?.clusterIP).toBe("10.43.0.2");
    expect(entry?.endpoints.map(({ ports }) => ports)).toEqual([[8080], [8080]]);
    expect(given.state.render("Endpoints", "default", "web")).toMatchObject({
      subsets: [{ ports: [{ port: 8080, protocol: "TCP" }] }],
    });
  });
});

describe("undo", () => {
  test("is pipelined: forgetting the oldest keeps later turns undoable", () => {
    const given = givenCluster();
    const first = given.state.mark();
    given.create(pod("a"));
    const middle = given.state.digest();
    const second = given.state.mark();
    given.create(pod("b"));
    given.state.forget(first);
    given.state.undo(second);
    expect(given.state.digest()).toBe(middle);
    expect(() => given.state.undo(first)).toThrow("no such mark");
  });

  test("gives keys back that were taken since", () => {
    const given = givenCluster();
    given.state.takeDirty(1000);
    given.create(controller("web", 1));
    const mark = given.state.mark();
    const keys = given.state.takeDirty(1000);
    given.state.undo(mark);
    expect(keys.length).toBeGreaterThan(0);
    expect(given.state.takeDirty(1000)).toEqual(expect.arrayContaining([...keys]));
  });
});

describe("properties", () => {
  const options = { numRuns: 40, seed: 7 };

  test("undo restores the state, wherever the mark stands", () => {
    fc.assert(
      fc.property(commandScript, fc.nat(), (script, where) => {
        const { log } = play(script);
        const cut = where % (log.length + 1);
        const state = fold(log.slice(0, cut));
        const before = state.digest();
        const mark = state.mark();
        for (const event of log.slice(cut)) evolve(state, event);
        const after = state.digest();
        state.undo(mark);
        expect(state.digest()).toBe(before);
        for (const event of log.slice(cut)) evolve(state, event);
        expect(state.digest()).toBe(after);
      }),
      options,
    );
  });

  test("the same log gives the same state, whole or with forgotten marks in between", () => {
    fc.assert(
      fc.property(commandScript, (script) => {
        const { log, state } = play(script);
        const whole = fold(log);
        const pieces = createClusterState();
        for (const event of log) {
          const mark = pieces.mark();
          evolve(pieces, event);
          pieces.forget(mark);
        }
        expect(whole.digest()).toBe(state.digest());
        expect(pieces.digest()).toBe(state.digest());
      }),
      options,
    );
  });
});
