import { describe, expect, test } from "vitest";
import { createVirtualWorld } from "../../actors/mod.ts";
import { encodeJson, metricSubject, type NodeName } from "../../protocol/mod.ts";
import { Figures } from "./figures.ts";

const node = "n1" as NodeName;
const usage = (cpuMilli: number, session = 3): Uint8Array =>
  encodeJson({
    version: 1,
    session,
    at: 0,
    intervalMs: 10_000,
    windowMs: 10_000,
    node: { cpuMilli, memoryBytes: 100 },
    pods: [{ uid: "p1", containers: [{ name: "main", cpuMilli: 5, memoryBytes: 7 }] }],
  });

async function given() {
  const world = createVirtualWorld({ seed: 1 });
  return { world, figures: new Figures(world.clock) };
}
const queue = metricSubject("berth", { namespace: "default", kind: "Service", name: "web", metric: "queue" });
const say = (figures: Figures, body: string, subject = queue) =>
  figures.hearMetric(subject, new TextEncoder().encode(body));

describe("usage", () => {
  test("only the newest of a node counts, and grows old", async () => {
    const { world, figures } = await given();
    figures.hearUsage(node, usage(10));
    figures.hearUsage(node, usage(20));
    expect(figures.node(node)).toMatchObject({ session: 3, stale: false, ageMs: 0, usage: { cpuMilli: 20 } });
    expect(figures.node(node)?.pods.get("p1" as never)).toEqual([
      { name: "main", cpuMilli: 5, memoryBytes: 7 },
    ]);
    await world.advance(30_000);
    expect(figures.node(node)?.stale).toBe(false);
    await world.advance(1);
    expect(figures.node(node)?.stale).toBe(true);
    await world.advance(15 * 60_000);
    expect(figures.node(node)).toBeUndefined();
  });
  test.each([["nonsense"], ["{}"], ['{"version":1,"session":"x"}']])("%s is no figure", async (body) => {
    const { figures } = await given();
    figures.hearUsage(node, new TextEncoder().encode(body));
    expect(figures.node(node)).toBeUndefined();
  });
});

describe("metrics", () => {
  test.each([
    ["12", 12_000],
    ['"1500m"', 1500],
    ['{"value": 2.5}', 2500],
    ['{"value": "3Ki"}', 3_072_000],
    ["-4", -4000],
  ])("%s is understood", async (body, milli) => {
    const { figures } = await given();
    expect(say(figures, body).ok).toBe(true);
    expect(figures.metric(queue)).toEqual([{ milli, labels: {}, ageMs: 0 }]);
  });
  test.each([
    ["", "expected a number"],
    ['"many"', "not a valid quantity"],
    ['{"value": 1, "ttlSeconds": 0}', "ttlSeconds"],
    ['{"value": 1, "labels": {"a": 1}}', "labels"],
    [`{"value": 1, "x": "${"x".repeat(5000)}"}`, "expected"],
  ])("%s is refused", async (body, words) => {
    const { figures } = await given();
    const heard = say(figures, body);
    expect(!heard.ok && heard.error.message).toContain(words);
    expect(figures.metric(queue)).toEqual([]);
  });
  test("series are told apart by labels, and each ends by itself", async () => {
    const { world, figures } = await given();
    say(figures, '{"value": 1, "labels": {"queue": "a"}, "ttlSeconds": 60}');
    say(figures, '{"value": 2, "labels": {"queue": "b"}}');
    say(figures, '{"value": 3, "labels": {"queue": "a"}, "ttlSeconds": 60}');
    expect(figures.metric(queue).map(({ milli }) => milli)).toEqual([3000, 2000]);
    await world.advance(60_001);
    expect(figures.metric(queue).map(({ milli, ageMs }) => [milli, ageMs])).toEqual([[2000, 60_001]]);
    await world.advance(300_000);
    expect(figures.metric(queue)).toEqual([]);
  });
  test("what has ended makes room for others", async () => {
    const { world, figures } = await given();
    for (let number = 0; number < 20_000; number++)
      say(figures, "1", `berth.metrics.default.Pod.p${number}.x`);
    const refused = say(figures, "1");
    expect(!refused.ok && refused.error.code).toBe("TooManyRequests");
    expect(say(figures, "2", "berth.metrics.default.Pod.p5.x").ok).toBe(true);
    await world.advance(300_001);
    expect(say(figures, "1").ok).toBe(true);
  });
});
