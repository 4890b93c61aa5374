// Gates of pods: nothing binds a pod with a scheduling gate, and one with a readiness gate is ready when others say so too.
// Cases from Kubernetes, "Pod Scheduling Readiness" and "Pod Lifecycle: Pod readiness".

import { describe, expect, test } from "vitest";
import type { Failure, PodCondition, PodSpec, PodStatus, UserCommand } from "../../protocol/mod.ts";
import { schedule, settle } from "../controllers/settling.ts";
import type { PodRow } from "./contract.ts";
import {
  bind,
  type Given,
  givenCluster,
  pod,
  podOf,
  register,
  report,
  runningStatus,
  service,
} from "./given.ts";
import { checkInvariants } from "./invariants.ts";
import { renderPod } from "./render-pod.ts";

const patch = (patched: object, more: Partial<UserCommand> = {}): UserCommand =>
  ({
    type: "PatchObject",
    kind: "Pod",
    namespace: "default",
    name: "web",
    patch: patched,
    ...more,
  }) as UserCommand;
const rowOf = (given: Given): PodRow => podOf(given, "web");
const addressesOf = ({ state }: Given): readonly string[] =>
  (state.serviceEntry("default", "web")?.endpoints ?? []).map(({ ip }) => ip);
const statusOf = (given: Given): PodStatus => renderPod(rowOf(given)).status as PodStatus;
const conditionOf = (given: Given, type: string): PodCondition | undefined =>
  statusOf(given).conditions?.find((each) => each.type === type);

describe("scheduling gates", () => {
  const gates = (...names: string[]) => ({ schedulingGates: names.map((name) => ({ name })) });

  function gated(spec: PodSpec | object = gates("example.com/one", "example.com/two")): Given {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("web", spec as Record<string, unknown>));
    schedule(given);
    return given;
  }

  test("keep a pod from every node until the last one is gone, and say so", () => {
    const given = gated();
    const scheduled = { status: "False", reason: "SchedulingGated" };
    expect([rowOf(given).node, conditionOf(given, "PodScheduled")]).toMatchObject([undefined, scheduled]);
    given.run(patch({ spec: gates("example.com/two") }));
    schedule(given);
    expect([rowOf(given).node, conditionOf(given, "PodScheduled")]).toMatchObject([undefined, scheduled]);
    checkInvariants(given);
    given.run(patch({ spec: { schedulingGates: [] } }));
    schedule(given);
    expect(rowOf(given).node).toBe("n1");
    expect(conditionOf(given, "PodScheduled")).toMatchObject({ status: "True" });
    checkInvariants(given);
  });

  test("meanwhile the choice of nodes may become narrower, and nothing wider", () => {
    const given = gated({ ...gates("example.com/one"), nodeSelector: { disk: "ssd" } });
    const narrower = { disk: "ssd", zone: "a" };
    given.run(patch({ spec: { nodeSelector: narrower } }));
    expect(rowOf(given).spec.nodeSelector).toEqual(narrower);
    for (const nodeSelector of [{ disk: null }, { disk: "hdd" }]) {
      expect(given.refusal(patch({ spec: { nodeSelector } }))).toMatchObject({
        code: "Invalid",
        causes: [{ field: "spec.nodeSelector" }],
      });
    }
    given.run(patch({ spec: { schedulingGates: [] } }));
    expect(given.refusal(patch({ spec: { nodeSelector: { more: "x" } } }))).toMatchObject({
      code: "Invalid",
      causes: [{ field: "spec.nodeSelector.more" }],
    });
  });

  test.each<[string, object, string]>([
    ["a name that is none", gates("not a name"), "spec.schedulingGates[0].name"],
    ["the same twice", gates("a", "a"), "spec.schedulingGates[1].name"],
    ["a node by hand", { ...gates("a"), nodeName: "n1" }, "spec.nodeName"],
    [
      "a condition that is none",
      { readinessGates: [{ conditionType: "no!" }] },
      "spec.readinessGates[0].conditionType",
    ],
  ])("refused: %s", (_what, spec, field) => {
    const object = pod("web", spec as Record<string, unknown>);
    const refused = givenCluster().refusal({ type: "CreateObject", object });
    expect(refused).toMatchObject({ causes: [{ field }] });
  });

  test("none is added to a pod that is there", () => {
    const given = gated(gates("a"));
    const refused = given.refusal(patch({ spec: gates("a", "b") }));
    expect(refused?.causes?.[0]).toMatchObject({
      field: "spec.schedulingGates",
      message: "only deletion is allowed, but found new scheduling gate 'b'",
    });
  });
});

describe("readiness gates", () => {
  const type = "example.com/in-rotation";
  const say = (status: string): UserCommand =>
    patch({ status: { conditions: [{ type, status }] } }, {
      subresource: "status",
      patchType: "strategic",
    } as never);

  /** Its containers run and are ready. */
  function running(): Given {
    const given = givenCluster();
    register(given, "n1");
    given.create(pod("web", { readinessGates: [{ conditionType: type }] }));
    given.create(service("web", { ports: [{ port: 80 }] }));
    bind(given, rowOf(given), "n1");
    report(given, rowOf(given), runningStatus("10.42.0.9"));
    settle(given);
    return given;
  }

  test("a pod is ready when its containers are and every gate's condition is True", () => {
    const given = running();
    const ready = (): unknown[] => [rowOf(given).ready, conditionOf(given, "Ready"), addressesOf(given)];
    const reason = "ReadinessGatesNotReady";
    const missing = `corresponding condition of pod readiness gate "${type}" does not exist.`;
    expect(ready()).toMatchObject([false, { status: "False", reason, message: missing }, []]);
    expect(conditionOf(given, "ContainersReady")?.status ?? "True").toBe("True");
    given.run(say("False"));
    settle(given);
    const message = `the status of pod readiness gate "${type}" is not "True", but False`;
    expect(ready()).toMatchObject([false, { status: "False", reason, message }, []]);
    given.run(say("True"));
    settle(given);
    expect(ready()).toMatchObject([true, { status: "True" }, ["10.42.0.9"]]);
    expect(conditionOf(given, type)).toEqual({ type, status: "True" });
    given.run(say("False"));
    settle(given);
    expect(ready()).toMatchObject([false, { status: "False", reason }, []]);
    checkInvariants(given);
  });

  test("what its node reports later takes nothing of that away", () => {
    const given = running();
    given.run(say("True"));
    report(given, rowOf(given), runningStatus("10.42.0.9", false));
    expect([rowOf(given).ready, conditionOf(given, type)?.status]).toEqual([false, "True"]);
    report(given, rowOf(given), runningStatus("10.42.0.9"));
    expect([rowOf(given).ready, conditionOf(given, type)?.status]).toEqual([true, "True"]);
  });

  test("said again, nothing is written", () => {
    const given = running();
    given.run(say("True"));
    const { length } = given.log;
    expect(given.run(say("True")).outcome).toBe("unchanged");
    expect(given.log).toHaveLength(length);
  });

  test.each<[string, object, Partial<Failure>]>([
    [
      "the phase",
      { phase: "Failed" },
      { code: "Forbidden", message: expect.stringContaining("status.phase") as string },
    ],
    [
      "a condition of the cluster",
      { conditions: [{ type: "Ready", status: "True" }] },
      { code: "Forbidden" },
    ],
    ["a status that is none", { conditions: [{ type, status: "Yes" }] }, { code: "Invalid" }],
    ["no type", { conditions: [{ status: "True" }] }, { code: "BadRequest" }],
  ])("refused: %s", (_what, status, refused) => {
    const given = running();
    const command = patch({ status }, { subresource: "status", patchType: "strategic" } as never);
    expect(given.refusal(command)).toMatchObject(refused);
  });
});
