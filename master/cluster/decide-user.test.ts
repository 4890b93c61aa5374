// Users' commands: given a cluster, when a command, then these events or this refusal.

import { describe, expect, test } from "vitest";
import { type ApiObject, type Command, type CommandId, unwrap } from "../../protocol/mod.ts";
import { converge, settle } from "../controllers/settling.ts";
import { commandResultKeptMs } from "./command-results.ts";
import { decide } from "./decide.ts";
import {
  bind,
  controller,
  givenCluster,
  type Given,
  namespace,
  pod,
  podOf,
  register,
  service,
} from "./given.ts";

const apply = (object: ApiObject, manager = "tester"): Command => ({ type: "ApplyObject", object, manager });
const patch = (kind: string, name: string, change: Readonly<Record<string, unknown>>): Command => ({
  type: "PatchObject",
  kind,
  namespace: "default",
  name,
  patch: change,
});
const remove = (kind: string, name: string, more = {}): Command => ({
  type: "DeleteObject",
  kind,
  ...(kind !== "Namespace" && kind !== "Node" && { namespace: "default" }),
  name,
  ...more,
});
const specOf = (given: Given, kind: string, name: string): unknown =>
  given.state.render(kind, "default", name)?.spec;

describe("create", () => {
  test("stores what was sent, with defaults, an identity and a position as resourceVersion", () => {
    const given = givenCluster();
    const object = pod("a");
    const decision = given.create(object);
    expect(decision.outcome).toBe("created");
    expect(decision.events[0]).toMatchObject({
      type: "ObjectCreated",
      submitted: object,
      operation: "Create",
    });
    expect(given.state.render("Pod", "default", "a")).toMatchObject({
      metadata: {
        name: "a",
        namespace: "default",
        uid: decision.object?.uid,
        creationTimestamp: "2030-01-01T00:00:00Z",
        generation: 1,
        resourceVersion: String(given.state.position),
      },
      spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 30 },
      status: { phase: "Pending" },
    });
  });

  const refusals: readonly [string, ApiObject, string, string][] = [
    ["a name that is taken", pod("taken"), "AlreadyExists", "Pod default/taken exists already"],
    [
      "a namespace that does not exist",
      { ...pod("x"), metadata: { name: "x", namespace: "nowhere" } },
      "NotFound",
      'namespace "nowhere" does not exist',
    ],
    [
      "a node",
      { apiVersion: "v1", kind: "Node", metadata: { name: "n" } },
      "Forbidden",
      "register themselves",
    ],
    [
      "an image that is missing",
      pod("x", { containers: [{ name: "c" }] }),
      "Invalid",
      "spec.containers[0].image",
    ],
    ["an address outside the range", service("x", { clusterIP: "10.9.9.9" }), "Invalid", "not in the range"],
    ["an address that is taken", service("x", { clusterIP: "10.43.0.2" }), "Invalid", "has already"],
    [
      "endpoints of a service with a selector",
      { apiVersion: "v1", kind: "Endpoints", metadata: { name: "first" }, subsets: [] },
      "Forbidden",
      "follow its selector",
    ],
  ];
  test.each(refusals)("refuses %s", (_what, object, code, message) => {
    const given = givenCluster();
    given.create(pod("taken"));
    given.create(service("first"));
    const refusal = given.refusal({ type: "CreateObject", object });
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).toContain(message);
  });

  test("draws generated names until one is free", () => {
    const given = givenCluster();
    given.create({ ...pod("x"), metadata: { name: "job-aaaaa" } });
    const drawn = ["aaaaa", "aaaaa", "bbbbb"];
    const context = { ...given.context, now: given.now, suffix: () => drawn.shift() ?? "ccccc" };
    const object = { ...pod("x"), metadata: { generateName: "job-" } };
    const envelope = { by: "user:tester", command: { type: "CreateObject", object } } as const;
    expect(unwrap(decide(given.state, envelope, context)).object?.name).toBe("job-bbbbb");
  });

  test("gives services the first free address, and frees it with them", () => {
    const given = givenCluster();
    for (const name of ["a", "b"]) given.create(service(name));
    expect(specOf(given, "Service", "a")).toMatchObject({
      clusterIP: "10.43.0.2",
      clusterIPs: ["10.43.0.2"],
    });
    given.run(remove("Service", "a"));
    given.create(service("c", { clusterIP: "None" }));
    given.create(service("d", { type: "NodePort" }));
    expect(specOf(given, "Service", "c")).toMatchObject({ clusterIP: "None" });
    expect(specOf(given, "Service", "d")).toMatchObject({
      clusterIP: "10.43.0.2",
      ports: [{ port: 80, nodePort: 30_086 }],
    });
  });

  test("a dry run shows the object and writes nothing", () => {
    const given = givenCluster();
    const decision = given.run({ type: "CreateObject", object: pod("a"), dryRun: true });
    expect(decision).toMatchObject({
      events: [],
      outcome: "created",
      preview: { spec: { restartPolicy: "Always" } },
    });
  });
});

describe("command ids", () => {
  test("a retry is answered with the first result, for 15 minutes", () => {
    const given = givenCluster();
    const command = { type: "CreateObject", object: pod("a") } as const;
    const first = given.run(command, "user:tester", "id-1");
    expect(first.events.map(({ type }) => type)).toEqual(["ObjectCreated", "CommandCompleted"]);
    const again = given.run(command, "user:tester", "id-1");
    expect(again).toEqual({ events: [], outcome: "created", object: first.object });
    given.now += commandResultKeptMs + 1;
    given.create(pod("b"));
    expect(given.state.commandResult("id-1" as CommandId)).toBeUndefined();
  });
});

describe("apply", () => {
  test("creates, then changes only what differs, then nothing", () => {
    const given = givenCluster();
    expect(given.run(apply(controller("web", 2))).outcome).toBe("created");
    expect(given.run(apply(controller("web", 2)))).toMatchObject({ outcome: "unchanged", events: [] });
    const scaled = given.run(apply(controller("web", 5)));
    expect(scaled).toMatchObject({
      outcome: "configured",
      events: [
        { type: "ObjectUpdated", fields: ["metadata.generation", "spec.replicas"], operation: "Apply" },
      ],
    });
  });

  test("takes away what this manager applied before, and leaves what others have set", () => {
    const given = givenCluster();
    const withLabels = (labels: Record<string, string>): ApiObject => ({
      ...controller("web", 1),
      metadata: { name: "web", labels },
    });
    given.run(apply(withLabels({ app: "web", mine: "1" })));
    given.run(patch("ReplicationController", "web", { metadata: { labels: { theirs: "1" } } }));
    given.run(patch("ReplicationController", "web", { spec: { replicas: 4 } }));
    const { spec, ...rest } = withLabels({ app: "web" });
    const { replicas: _replicas, ...others } = spec as Record<string, unknown>;
    given.run(apply({ ...rest, spec: others }));
    expect(given.state.render("ReplicationController", "default", "web")).toMatchObject({
      metadata: { labels: { app: "web", theirs: "1" } },
    });
    expect(given.state.render("ReplicationController", "default", "web")?.metadata.labels).not.toHaveProperty(
      "mine",
    );
  });

  test("keeps the address that a service was given", () => {
    const given = givenCluster();
    given.run(apply(service("web")));
    given.run(apply(service("web", { ports: [{ port: 81 }] })));
    expect(specOf(given, "Service", "web")).toMatchObject({ clusterIP: "10.43.0.2", ports: [{ port: 81 }] });
  });

  test("a stale resourceVersion is a conflict", () => {
    const given = givenCluster();
    given.run(apply(controller("web", 2)));
    const stale = { ...controller("web", 3), metadata: { name: "web", resourceVersion: "1" } };
    expect(given.refusal(apply(stale))).toMatchObject({
      code: "Conflict",
      message: "ReplicationController default/web was changed: resourceVersion is 5, not 1; read it again",
    });
  });

  test("a node takes labels, taints and a cordon from users", () => {
    const given = givenCluster();
    register(given, "n1");
    given.run({
      type: "PatchObject",
      kind: "Node",
      name: "n1",
      patch: { metadata: { labels: { disk: "fast" } }, spec: { unschedulable: true } },
    });
    register(given, "n1", { labels: { zone: "a" } });
    expect(given.state.render("Node", undefined, "n1")).toMatchObject({
      metadata: { labels: { disk: "fast", zone: "a", "kubernetes.io/hostname": "n1" } },
      spec: { unschedulable: true, podCIDR: "10.42.0.0/24" },
      status: { conditions: [{ type: "Ready", status: "True" }], allocatable: { cpu: "4", pods: "110" } },
    });
  });
});

describe("replace and patch", () => {
  test("replace puts the whole object, and says when nothing differs", () => {
    const given = givenCluster();
    given.create(controller("web", 2));
    const stored = given.state.render("ReplicationController", "default", "web") as ApiObject;
    expect(given.run({ type: "ReplaceObject", object: stored })).toMatchObject({
      outcome: "unchanged",
      events: [],
    });
    const changed = { ...stored, metadata: { ...stored.metadata, annotations: { note: "x" } } };
    expect(given.run({ type: "ReplaceObject", object: changed }).events[0]).toMatchObject({
      fields: ["metadata.annotations"],
    });
    expect(given.refusal({ type: "ReplaceObject", object: changed })).toMatchObject({
      code: "Conflict",
      message: "ReplicationController default/web was changed: resourceVersion is 6, not 5; read it again",
    });
  });

  test("scaling is a patch of the replicas alone", () => {
    const given = givenCluster();
    given.create(controller("web", 2));
    const { events } = given.run(patch("ReplicationController", "web", { spec: { replicas: 3 } }));
    expect(events[0]).toMatchObject({ operation: "Scale" });
  });

  test("what may not change is refused with its field", () => {
    const given = givenCluster();
    given.create(pod("a"));
    const refusal = given.refusal(patch("Pod", "a", { spec: { restartPolicy: "Never" } }));
    expect(refusal).toMatchObject({ code: "Invalid", causes: [{ field: "spec.restartPolicy" }] });
  });

  test("what does not exist is not found", () => {
    expect(givenCluster().refusal(patch("Pod", "a", {}))?.message).toBe(
      'pods "a" not found in namespace default',
    );
  });
});

describe("delete", () => {
  test("a pod that waits is gone at once, a bound one is asked to stop", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("waits"));
    given.create(pod("bound"));
    bind(given, podOf(given, "bound"), "n1");
    expect(given.run(remove("Pod", "waits")).events[0]?.type).toBe("ObjectDeleted");
    expect(given.run(remove("Pod", "bound", { gracePeriodSeconds: 7 })).events).toMatchObject([
      { type: "DeletionRequested", gracePeriodSeconds: 7 },
    ]);
    expect(given.run(remove("Pod", "bound")).events).toEqual([]);
    expect(given.run(remove("Pod", "bound", { gracePeriodSeconds: 3 })).events).toHaveLength(1);
    expect(given.run(remove("Pod", "bound", { gracePeriodSeconds: 0 })).events[0]?.type).toBe(
      "ObjectDeleted",
    );
  });

  test("preconditions are checked", () => {
    const given = givenCluster();
    given.create(pod("a"));
    expect(given.refusal(remove("Pod", "a", { preconditions: { uid: "other" } }))).toMatchObject({
      code: "Conflict",
      message: "Pod default/a has uid uid-2, not other: it was made anew",
    });
  });

  test.each(["default", "kube-system", "kube-public"])("the namespace %s stays", (name) => {
    const given = givenCluster();
    if (name !== "default") given.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    expect(given.refusal(remove("Namespace", name))).toMatchObject({
      code: "Forbidden",
      message: `namespace ${name} can't be deleted`,
    });
  });

  test("a service takes its endpoints along", () => {
    const given = givenCluster();
    given.create(service("web"));
    settle(given);
    expect(given.state.object("Endpoints", "default", "web")?.ref).toMatchObject({
      kind: "Endpoints",
      name: "web",
    });
    expect(given.refusal(remove("Endpoints", "web"))).toMatchObject({
      code: "Forbidden",
      message: "Endpoints default/web goes with its service: delete that instead",
    });
    given.run(remove("Service", "web"));
    expect(given.state.object("Endpoints", "default", "web")).toBeUndefined();
  });

  test("a user's finalizer holds an object until it is taken away", () => {
    const given = givenCluster();
    given.create({ ...service("web"), metadata: { name: "web", finalizers: ["example.com/hold"] } });
    given.run(remove("Service", "web"));
    settle(given);
    expect(given.state.render("Service", "default", "web")?.metadata.deletionTimestamp).toBe(
      new Date(given.now).toISOString().replace(".000", ""),
    );
    const { events } = given.run(patch("Service", "web", { metadata: { finalizers: null } }));
    expect(events.map(({ type }) => type)).toContain("ObjectDeleted");
    expect(given.state.object("Service", "default", "web")).toBeUndefined();
  });

  test("nothing is created in a terminating namespace, which goes when it is empty", () => {
    const given = givenCluster();
    register(given, "n1");
    given.create(namespace("team"));
    given.create({ ...controller("web", 2), metadata: { name: "web", namespace: "team" } });
    given.create({ ...service("web"), metadata: { name: "web", namespace: "team" } });
    converge(given);
    given.run(remove("Namespace", "team"));
    const late = { ...pod("late"), metadata: { name: "late", namespace: "team" } };
    expect(given.refusal({ type: "CreateObject", object: late })?.message).toContain("terminating");
    settle(given);
    expect(given.state.render("Namespace", undefined, "team")?.status).toEqual({ phase: "Terminating" });
    converge(given);
    expect(given.state.object("Namespace", undefined, "team")).toBeUndefined();
    expect([...given.state.pods("team")]).toEqual([]);
  });
});
