// wait: for paths, creation, several objects; and what it takes for a condition.

import { describe, expect, test } from "vitest";
import type { Position } from "../../protocol/mod.ts";
import { holding, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";
import { meets, parseAwaited } from "../wait-condition.ts";

const running = (name: string, phase = "Running", more: object = {}) =>
  storedPod(name, { status: { phase, ...more } });

describe("wait --for", () => {
  test.each([
    ["jsonpath={.status.phase}=Running", true],
    ["jsonpath='{.status.phase}'=Running", true],
    ["jsonpath={.status.phase}='Running'", true],
    ["jsonpath={.status.phase}=Pending", false],
    ["jsonpath={.status.phase}", true],
    ["jsonpath={.status.podIP}", false],
    ["jsonpath={.status.podIP}=", undefined],
    ["jsonpath={.spec.containers[0].name}=web", true],
    ['jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', true],
    ["condition=Ready", true],
    ["condition=ready=true", true],
    ["condition=Ready=False", false],
    ["condition=Old", false],
    ["create", true],
    ["condition=", undefined],
    ["jsonpath=.status.phase", undefined],
    ["sunrise", undefined],
  ])("%s", (text, expected) => {
    const conditions = [
      { type: "Ready", status: "True" },
      { type: "Old", status: "True", observedGeneration: 1 },
    ];
    const pod = storedPod("a", { metadata: { generation: 2 }, status: { phase: "Running", conditions } });
    if (expected === undefined) {
      expect(() => parseAwaited(text)).toThrow(/--for/);
      return;
    }
    const awaited = parseAwaited(text);
    if (awaited.type === "delete") throw new Error("deletion is no condition");
    expect(meets(pod, awaited)).toBe(expected);
  });

  test("a path that finds several values is no condition", () => {
    const awaited = parseAwaited("jsonpath={.metadata['name', 'uid']}=x");
    if (awaited.type !== "jsonpath") throw new Error(awaited.type);
    expect(() => meets(storedPod("a"), awaited)).toThrow(/finds 2 values/);
  });

  test("several objects, each told when it is there", async () => {
    const { start, out, world, api } = terminal(holding([running("a", "Pending"), running("b", "Pending")]));
    const done = start(["wait", "pods", "--all", "--for=jsonpath={.status.phase}=Running"]);
    await world.settle();
    const send = (index: number, name: string): void =>
      api.watches[index]?.send({ type: "MODIFIED", object: running(name), position: 12 as Position });
    send(1, "b");
    await world.settle();
    expect(out()).toBe("pod/b condition met\n");
    send(0, "a");
    await world.settle();
    expect([await done, out()]).toEqual([0, "pod/b condition met\npod/a condition met\n"]);
  });

  test("what nobody has made yet", async () => {
    const { start, out, world, api } = terminal(holding([]));
    const done = start(["wait", "pod/late", "--for=create"]);
    await world.settle();
    expect(out()).toBe("");
    api.watches[0]?.send({ type: "ADDED", object: running("late"), position: 12 as Position });
    await world.settle();
    expect([await done, out()]).toEqual([0, "pod/late condition met\n"]);
    const selected = terminal(holding([]));
    expect(await selected.run(["wait", "pods", "-l", "a=b", "--for=create"])).toBe(2);
  });

  test("--timeout=0 looks once", async () => {
    const { run, out, err, api } = terminal(holding([running("a"), running("b", "Pending")]));
    expect(
      await run(["wait", "pods", "--all", "--for=jsonpath={.status.phase}=Running", "--timeout=0"]),
    ).toBe(1);
    expect(out()).toBe("pod/a condition met\n");
    expect(err()).toBe("error: timed out waiting for the condition on pod/b\n");
    expect(await run(["wait", "pod/a", "--for=delete", "--timeout=0"])).toBe(1);
    expect(await run(["wait", "pod/none", "--for=delete", "--timeout=0"])).toBe(0);
    expect(api.watches).toEqual([]);
  });
});
