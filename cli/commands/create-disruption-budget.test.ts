// create poddisruptionbudget, create priorityclass, and how both are shown.

import { describe, expect, test } from "vitest";
import { holding } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

describe("create", () => {
  test.each([
    [
      ["pdb", "quorum", "--selector", "app=db,tier in (a,b),!old", "--min-available=50%"],
      "poddisruptionbudget.policy/quorum created\n",
      {
        kind: "PodDisruptionBudget",
        spec: {
          minAvailable: "50%",
          selector: {
            matchLabels: { app: "db" },
            matchExpressions: [
              { key: "tier", operator: "In", values: ["a", "b"] },
              { key: "old", operator: "DoesNotExist" },
            ],
          },
        },
      },
    ],
    [
      ["poddisruptionbudget", "one", "--selector=app=web", "--max-unavailable=1"],
      "poddisruptionbudget.policy/one created\n",
      { spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } } },
    ],
    [
      [
        "priorityclass",
        "high",
        "--value=1000",
        "--global-default",
        "--description=first",
        "--preemption-policy=Never",
      ],
      "priorityclass.scheduling.k8s.io/high created\n",
      {
        kind: "PriorityClass",
        value: 1000,
        globalDefault: true,
        description: "first",
        preemptionPolicy: "Never",
      },
    ],
    [["pc", "low", "--value=-5"], "priorityclass.scheduling.k8s.io/low created\n", { value: -5 }],
  ])("%j", async (argv, text, object) => {
    const { run, out, api } = terminal(holding([]));
    expect(await run(["create", ...argv])).toBe(0);
    expect(out()).toBe(text);
    expect(api.of("create")[0]?.request.object).toMatchObject(object);
  });
  test.each([
    [["pdb", "b", "--selector=app=web"], "either --min-available or --max-unavailable"],
    [["pdb", "b", "--selector=a=b", "--min-available=1", "--max-unavailable=1"], "and not both"],
    [["pdb", "b", "--selector=a>1", "--min-available=1"], "is not for pods"],
    [["pc", "b", "--value=many"], "--value takes a whole number"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err } = terminal(holding([]));
    expect(await run(["create", ...argv])).toBe(2);
    expect(err()).toContain(message);
  });
});

const budget = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "quorum", namespace: "default", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { minAvailable: 2, selector: { matchLabels: { app: "db" } } },
  status: { currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3 },
};
const priority = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: "high", uid: "p", creationTimestamp: "2026-01-01T00:00:00Z" },
  value: 1000,
  description: "first",
};

describe("shown", () => {
  test("with kubectl's columns", async () => {
    const { run, out } = terminal(holding([budget, priority]));
    await run(["get", "pdb"]);
    expect(out().replace(/ +/g, " ")).toBe(
      "NAME MIN AVAILABLE MAX UNAVAILABLE ALLOWED DISRUPTIONS AGE\nquorum 2 N/A 1 60m\n",
    );
    const other = terminal(holding([budget, priority]));
    await other.run(["get", "pc"]);
    expect(other.out().replace(/ +/g, " ")).toBe(
      "NAME VALUE GLOBAL-DEFAULT AGE PREEMPTIONPOLICY\nhigh 1000 false 60m PreemptLowerPriority\n",
    );
  });
  test("in words", async () => {
    const { run, out } = terminal(holding([budget, priority]));
    await run(["describe", "pdb", "quorum", "--no-show-events"]);
    expect(out()).toContain("Status:\n  Allowed disruptions:  1\n  Current:              3\n");
    expect(out()).toMatch(/Min available: +2\n/);
    const other = terminal(holding([budget, priority]));
    await other.run(["describe", "pc", "high", "--no-show-events"]);
    expect(other.out()).toMatch(/Value: +1000\nGlobalDefault: +false\n/);
  });
});
