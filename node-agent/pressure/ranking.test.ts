import { describe, expect, test } from "vitest";
import { type Uid, unwrap } from "../../protocol/mod.ts";
import type { Shortage } from "./judge.ts";
import { evictionMessage, type PodFigures, rankForEviction } from "./ranking.ts";
import { parseThresholds } from "./thresholds.ts";

const Mi = 2 ** 20;
const shortage = (text: string, available: number): Shortage => {
  const [threshold] = unwrap(parseThresholds(text));
  if (!threshold) throw new Error("no threshold");
  return { threshold, observed: { available, capacity: 1000 * Mi } };
};
const lowMemory = shortage("memory.available<100Mi", 50 * Mi);
const lowDisk = shortage("nodefs.available<10%", 50 * Mi);

interface Fields {
  readonly memoryMi?: number;
  readonly diskMi?: number;
  readonly request?: Readonly<Record<string, string>>;
  readonly priority?: number;
  readonly volumesMi?: number;
  readonly processes?: number;
}
const pod = (name: string, fields: Fields): PodFigures => ({
  uid: name as Uid,
  pod: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      containers: [
        { name: "main", image: "i", ...(fields.request && { resources: { requests: fields.request } }) },
      ],
      ...(fields.priority !== undefined && { priority: fields.priority }),
    },
  },
  containers: [
    { name: "main", memoryBytes: (fields.memoryMi ?? 0) * Mi, diskBytes: (fields.diskMi ?? 0) * Mi },
  ],
  volumeBytes: (fields.volumesMi ?? 0) * Mi,
  processes: fields.processes ?? 1,
});
const order = (short: Shortage, ...pods: PodFigures[]): string[] =>
  rankForEviction(pods, short).map(({ uid }) => uid);

describe("who goes first", () => {
  test("those that use more memory than they asked for, before the others, whatever their priority", () => {
    const within = pod("within", { memoryMi: 400, request: { memory: "500Mi" } });
    const beyond = pod("beyond", { memoryMi: 60, request: { memory: "50Mi" }, priority: 1000 });
    expect(order(lowMemory, within, beyond)).toEqual(["beyond", "within"]);
  });
  test("then the lower priority, then the largest use beyond the request", () => {
    const small = pod("small", { memoryMi: 10 });
    const large = pod("large", { memoryMi: 90 });
    const important = pod("important", { memoryMi: 900, priority: 5 });
    expect(order(lowMemory, small, important, large)).toEqual(["large", "small", "important"]);
  });
  test("disk counts volumes, logs and what containers wrote", () => {
    const writer = pod("writer", { diskMi: 80 });
    const keeper = pod("keeper", { volumesMi: 100 });
    const asked = pod("asked", { volumesMi: 300, request: { "ephemeral-storage": "1Gi" } });
    expect(order(lowDisk, writer, keeper, asked)).toEqual(["keeper", "writer", "asked"]);
  });
  test("process ids go by priority, then by number", () => {
    const short = shortage("pid.available<100", 3);
    expect(
      order(
        short,
        pod("few", { processes: 2 }),
        pod("many", { processes: 90 }),
        pod("vip", { processes: 99, priority: 1 }),
      ),
    ).toEqual(["many", "few", "vip"]);
  });
  test("critical pods never", () => {
    expect(order(lowMemory, pod("dns", { memoryMi: 900, priority: 2_000_000_000 }))).toEqual([]);
  });
});

test("the message names the resource, what there is, and who used too much of it", () => {
  expect(evictionMessage(pod("a", { memoryMi: 60, request: { memory: "50Mi" } }), lowMemory)).toBe(
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 60Mi, request is 50Mi, has larger consumption of memory. ",
  );
  expect(evictionMessage(pod("a", { diskMi: 1 }), lowDisk)).toContain(
    "The node was low on resource: ephemeral-storage.",
  );
});
