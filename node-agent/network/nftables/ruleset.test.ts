import { expect, test } from "vitest";
import type { NodeName, ServiceEntry, Uid } from "../../../protocol/mod.ts";
import { noRules, rulesOf, transition } from "./ruleset.ts";

const entry = (ips: readonly string[], more: Partial<ServiceEntry> = {}): ServiceEntry => ({
  namespace: "default",
  name: "web",
  uid: "u1" as Uid,
  clusterIP: "10.96.0.7",
  ports: [{ name: "http", port: 80, protocol: "TCP" }],
  endpoints: ips.map((ip) => ({
    ip,
    ports: [8080],
    node: "n1" as NodeName,
    pod: ip.replaceAll(".", "-") as Uid,
  })),
  ...more,
});

test("a service without endpoints refuses connections, and lets them in once it has one", () => {
  const empty = rulesOf(entry([]));
  expect([...empty.rejected]).toEqual(["10.96.0.7 . tcp . 80"]);
  const script = transition("t", empty, rulesOf(entry(["10.0.0.1"])));
  expect(script).toMatch(/delete element ip t rejected \{ 10.96.0.7 . tcp . 80 \}/);
  expect(script).toMatch(/add element ip t services \{ 10.96.0.7 . tcp . 80 : goto svc_\w+ \}/);
});

test("a changed endpoint rewrites its own chain and no element of the verdict map", () => {
  const script = transition("t", rulesOf(entry(["10.0.0.1"])), rulesOf(entry(["10.0.0.1", "10.0.0.2"])));
  expect(script.split("\n").map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "flush chain",
    "add rule",
  ]);
  expect(script).toContain("numgen random mod 2 map { 0 : 10.0.0.1 . 8080, 1 : 10.0.0.2 . 8080 }");
});

test("the same endpoints need no script", () => {
  expect(transition("t", rulesOf(entry(["10.0.0.1"])), rulesOf(entry(["10.0.0.1"])))).toBe("");
});

test("affinity keeps the set of the endpoint that stays and drops that of the one that leaves", () => {
  const before = rulesOf(entry(["10.0.0.1", "10.0.0.2"], { affinitySeconds: 60 }));
  const after = rulesOf(entry(["10.0.0.2"], { affinitySeconds: 60 }));
  const script = transition("t", before, after);
  expect(script.match(/delete set/g)).toHaveLength(1);
  expect(script).not.toContain("add set");
});

test("removing a service leaves nothing of it", () => {
  const rules = rulesOf(entry(["10.0.0.1"], { affinitySeconds: 60 }));
  const script = transition("t", rules, noRules);
  for (const name of rules.chains.keys()) expect(script).toContain(`delete chain ip t ${name}`);
  for (const name of rules.sets.keys()) expect(script).toContain(`delete set ip t ${name}`);
});

test("headless services have no rules", () => {
  expect(rulesOf(entry(["10.0.0.1"], { clusterIP: "None" }))).toBe(noRules);
});
