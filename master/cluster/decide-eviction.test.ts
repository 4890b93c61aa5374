import { describe, expect, test } from "vitest";
import { daemonSet, deployment } from "../controllers/given-rollouts.ts";
import { converge, settle } from "../controllers/settling.ts";
import { nodeName, pod, podOf, register, report, runningStatus } from "./given.ts";
import { budget, evict, evictionOf, givenWeb, podsOf } from "../controllers/given-budgets.ts";

type Spec = Readonly<Record<string, unknown>>;

describe("evictions that a budget allows", () => {
  test.each<[string, Spec, { pods: number; unready?: number }, number]>([
    ["minAvailable leaves what is above it", { minAvailable: 2 }, { pods: 3 }, 1],
    ["minAvailable that is not reached leaves none", { minAvailable: 3 }, { pods: 3 }, 0],
    ["a percentage of what the controller asks for is rounded up", { minAvailable: "50%" }, { pods: 5 }, 2],
    ["100% leaves none", { minAvailable: "100%" }, { pods: 4 }, 0],
    ["maxUnavailable is a number", { maxUnavailable: 2 }, { pods: 3 }, 2],
    ["maxUnavailable 0 leaves none", { maxUnavailable: 0 }, { pods: 3 }, 0],
    ["maxUnavailable as a percentage is rounded up", { maxUnavailable: "30%" }, { pods: 7 }, 3],
    ["pods that are not ready have used it up", { maxUnavailable: 1 }, { pods: 3, unready: 1 }, 0],
    ["an empty selector selects every pod", { selector: {}, minAvailable: 1 }, { pods: 3 }, 2],
    ["no selector selects none", { selector: null, minAvailable: 9 }, { pods: 2 }, 2],
    ["neither amount forbids nothing", {}, { pods: 2 }, 2],
    [
      "another label is another pod",
      { selector: { matchLabels: { app: "x" } }, minAvailable: 9 },
      { pods: 2 },
      2,
    ],
  ])("%s", (_what, spec, { pods, unready }, allowed) => {
    const given = givenWeb(pods, unready);
    given.create(budget("b", spec));
    const ready = podsOf(given).filter((row) => row.ready);
    const answers = ready.map((row) => evict(given, row)?.code ?? "evicted");
    expect(answers).toEqual(ready.map((_pod, index) => (index < allowed ? "evicted" : "DisruptionBudget")));
    const reasons = ready.map(({ ref }) => given.state.pod(ref.uid)?.deletion?.reason);
    expect(reasons).toEqual(
      ready.map((_pod, index) => (index < allowed ? "evicted by user:tester" : undefined)),
    );
  });

  test("a refusal names the budget and its numbers, and is 429", () => {
    const given = givenWeb(3);
    given.create(budget("quorum", { minAvailable: 3 }));
    const [first] = podsOf(given);
    expect(first && evict(given, first)).toEqual({
      code: "DisruptionBudget",
      message:
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget quorum needs 3 healthy pods and has 3 currently.",
    });
  });

  test("a pod that left makes way again once its successor is ready", () => {
    const given = givenWeb(2);
    given.create(budget("b", { minAvailable: 1 }));
    const [first, second] = podsOf(given);
    expect(first && evict(given, first)).toBeUndefined();
    expect(second && evict(given, second)).toMatchObject({ code: "DisruptionBudget" });
    converge(given);
    expect(second && evict(given, second)).toBeUndefined();
  });

  test("the owner's number counts, not how many pods there are", () => {
    const given = givenWeb(4);
    given.create(budget("b", { maxUnavailable: 1 }));
    given.run({
      type: "PatchObject",
      kind: "ReplicationController",
      namespace: "default",
      name: "web",
      patch: { spec: { replicas: 6 } },
    });
    const [first] = podsOf(given);
    expect(first && evict(given, first)).toMatchObject({ code: "DisruptionBudget" });
  });

  test("a deployment's number counts, also with two replica sets", () => {
    const given = givenWeb(0);
    given.create(deployment("api", 4, "api:1"));
    converge(given);
    given.create(budget("b", { selector: { matchLabels: { app: "api" } }, maxUnavailable: "25%" }));
    const answers = podsOf(given, "api").map((row) => evict(given, row)?.code);
    expect(answers).toEqual([undefined, "DisruptionBudget", "DisruptionBudget", "DisruptionBudget"]);
  });
});

describe("what no budget keeps", () => {
  test("pods that are pending, finished or on their way out", () => {
    const given = givenWeb(1);
    given.create(budget("b", { minAvailable: 9, selector: {} }));
    given.create(pod("pending"));
    expect(evict(given, podOf(given, "pending"))).toBeUndefined();
    const [first] = podsOf(given);
    if (!first) throw new Error("no pod");
    report(given, first, { phase: "Failed" });
    expect(evict(given, podOf(given, first.ref.name))).toBeUndefined();
  });
  test("direct deletions", () => {
    const given = givenWeb(1);
    given.create(budget("b", { minAvailable: 1 }));
    const [first] = podsOf(given);
    given.run({ type: "DeleteObject", kind: "Pod", namespace: "default", name: first?.ref.name ?? "" });
    expect(podsOf(given)[0]?.deletion).toMatchObject({ reason: "deleted by user:tester", graceSeconds: 30 });
  });
});

describe("unhealthy pods", () => {
  test.each<[string, Spec, { pods: number; unready: number }, boolean]>([
    ["go when the rest is healthy enough", { minAvailable: 2 }, { pods: 3, unready: 1 }, true],
    ["stay when it is not", { minAvailable: 3 }, { pods: 3, unready: 1 }, false],
    [
      "stay when nothing is wanted healthy, and nothing may go",
      { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
      { pods: 1, unready: 1 },
      false,
    ],
    [
      "always go with AlwaysAllow",
      { minAvailable: 3, unhealthyPodEvictionPolicy: "AlwaysAllow" },
      { pods: 3, unready: 2 },
      true,
    ],
  ])("%s", (_what, spec, { pods, unready }, goes) => {
    const given = givenWeb(pods, unready);
    given.create(budget("b", spec));
    const sick = podsOf(given).find((row) => !row.ready);
    expect(sick && evict(given, sick)?.code).toBe(goes ? undefined : "DisruptionBudget");
  });
});

describe("the eviction itself", () => {
  test("two budgets on one pod are refused, as in Kubernetes", () => {
    const given = givenWeb(3);
    given.create(budget("one", { minAvailable: 1 }));
    given.create(budget("two", { minAvailable: 1 }));
    const [first] = podsOf(given);
    expect(first && evict(given, first)).toMatchObject({
      code: "Internal",
      message: expect.stringContaining("more than one PodDisruptionBudget (one, two)"),
    });
  });
  test("a dry run says what would happen, and nothing happens", () => {
    const given = givenWeb(2);
    given.create(budget("b", { minAvailable: 1 }));
    const [first] = podsOf(given);
    if (!first) throw new Error("no pod");
    const length = given.log.length;
    expect(given.run({ ...evictionOf(first), dryRun: true })).toMatchObject({ outcome: "deleted" });
    expect(given.log).toHaveLength(length);
    given.create(budget("c", { minAvailable: 2, selector: { matchLabels: { app: "none" } } }));
    given.run({ type: "DeleteObject", kind: "PodDisruptionBudget", namespace: "default", name: "b" });
    given.create(budget("d", { minAvailable: 2 }));
    expect(given.refusal({ ...evictionOf(first), dryRun: true })).toMatchObject({ code: "DisruptionBudget" });
  });
  test("grace, preconditions and absence", () => {
    const given = givenWeb(2);
    const [first] = podsOf(given);
    if (!first) throw new Error("no pod");
    expect(given.refusal({ ...evictionOf(first), name: "nobody" })).toMatchObject({
      code: "NotFound",
      message: 'pods "nobody" not found in namespace default',
    });
    const other = { ...evictionOf(first), preconditions: { uid: given.context.uuid() as never } };
    expect(given.refusal(other)).toMatchObject({
      code: "Conflict",
      message: "Pod default/web-xxxx4 has uid uid-5, not uid-8: it was made anew",
    });
    given.run({ ...evictionOf(first), gracePeriodSeconds: 7 });
    expect(given.state.pod(first.ref.uid)?.deletion).toMatchObject({
      graceSeconds: 7,
      reason: "evicted by user:tester",
    });
    const rendered = given.state.render("Pod", "default", first.ref.name);
    expect(rendered?.status).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: "DisruptionTarget",
          status: "True",
          reason: "EvictionByEvictionAPI",
        }),
      ]),
    });
  });
  test("owners without a scale want minAvailable as a number", () => {
    const given = givenWeb(0);
    given.create(daemonSet("agent", "agent:1"));
    converge(given);
    given.create(budget("b", { selector: { matchLabels: { app: "agent" } }, maxUnavailable: 1 }));
    settle(given);
    const [first] = podsOf(given, "agent");
    expect(first && evict(given, first)?.message).toContain("failed sync: DaemonSet agent has no scale");
    const row = given.state.object("PodDisruptionBudget", "default", "b");
    expect(row?.status["conditions"]).toMatchObject([{ status: "False", reason: "SyncFailed" }]);
  });
});

test("a ready status makes a pod healthy, and a node's loss unhealthy", () => {
  const given = givenWeb(3);
  register(given, "n2");
  given.create(budget("b", { minAvailable: 2 }));
  settle(given);
  const allowed = (): unknown =>
    given.state.object("PodDisruptionBudget", "default", "b")?.status["disruptionsAllowed"];
  expect(allowed()).toBe(1);
  const [first] = podsOf(given);
  if (!first) throw new Error("no pod");
  report(given, first, runningStatus("10.42.0.9", false));
  settle(given);
  expect(allowed()).toBe(0);
  report(given, first, runningStatus("10.42.0.9"));
  settle(given);
  expect(allowed()).toBe(1);
  given.run({ type: "LoseNode", node: nodeName("n1"), silentMs: 10_000 }, "master:m1");
  settle(given);
  const { status } = given.state.object("PodDisruptionBudget", "default", "b") ?? {};
  expect(status).toMatchObject({ currentHealthy: 0, expectedPods: 3, disruptionsAllowed: 0 });
});
