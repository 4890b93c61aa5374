// Strategic merge patches: the examples of Kubernetes' "Update API Objects in Place Using kubectl patch" and of
// "Strategic Merge Patch" (sig-api-machinery), on the kinds that Berth has.

import { describe, expect, test } from "vitest";
import { strategicPatch } from "./strategic-patch.ts";

type Fields = Readonly<Record<string, unknown>>;
const inPod = (spec: Fields): Fields => ({ spec: { template: { spec } } });
const patched = (live: Fields, patch: Fields): unknown => {
  const result = strategicPatch("Deployment", live, patch);
  return result.ok ? result.value : result.error;
};
const env = (...names: readonly string[]): Fields[] => names.map((name) => ({ name, value: name }));

describe("strategic merge patch", () => {
  const cases: readonly [string, Fields, Fields, Fields][] = [
    [
      "a container is added to the list",
      inPod({
        containers: [{ name: "patch-demo-ctr", image: "nginx" }],
        tolerations: [{ key: "dedicated" }],
      }),
      inPod({ containers: [{ name: "patch-demo-ctr-2", image: "redis" }] }),
      inPod({
        containers: [
          { name: "patch-demo-ctr-2", image: "redis" },
          { name: "patch-demo-ctr", image: "nginx" },
        ],
        tolerations: [{ key: "dedicated" }],
      }),
    ],
    [
      "tolerations are replaced",
      inPod({ tolerations: [{ effect: "NoSchedule", key: "dedicated", value: "test-team" }] }),
      inPod({ tolerations: [{ effect: "NoSchedule", key: "disktype", value: "ssd" }] }),
      inPod({ tolerations: [{ effect: "NoSchedule", key: "disktype", value: "ssd" }] }),
    ],
    [
      "$retainKeys clears the strategy that was",
      { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } },
      { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } },
      { spec: { strategy: { type: "Recreate" } } },
    ],
    [
      "an item is deleted by its key",
      inPod({ containers: [{ name: "nginx", image: "nginx-1.0" }, { name: "log-tailer" }] }),
      inPod({ containers: [{ $patch: "delete", name: "log-tailer" }] }),
      inPod({ containers: [{ name: "nginx", image: "nginx-1.0" }] }),
    ],
    [
      "a list is replaced as a whole",
      inPod({ containers: [{ name: "nginx" }, { name: "log-tailer" }] }),
      inPod({ containers: [{ name: "web", image: "w" }, { $patch: "replace" }] }),
      inPod({ containers: [{ name: "web", image: "w" }] }),
    ],
    [
      "a map is replaced as a whole",
      { metadata: { labels: { a: "1", b: "2" } } },
      { metadata: { labels: { $patch: "replace", c: "3" } } },
      { metadata: { labels: { c: "3" } } },
    ],
    [
      "a map is deleted",
      { metadata: { labels: { a: "1" }, name: "web" } },
      { metadata: { labels: { $patch: "delete" } } },
      { metadata: { name: "web" } },
    ],
    [
      "single values are deleted from a set, and others added",
      { metadata: { finalizers: ["a", "b", "c"] } },
      { metadata: { "$deleteFromPrimitiveList/finalizers": ["a", "b"], finalizers: ["d"] } },
      { metadata: { finalizers: ["c", "d"] } },
    ],
    [
      "$setElementOrder puts items in order",
      inPod({ containers: [{ name: "c", env: env("ENV1", "ENV2", "THEIRS", "ENV3") }] }),
      inPod({
        containers: [
          {
            name: "c",
            "$setElementOrder/env": [{ name: "ENV3" }, { name: "ENV1" }],
            env: [{ name: "ENV2", $patch: "delete" }],
          },
        ],
      }),
      inPod({ containers: [{ name: "c", env: env("THEIRS", "ENV3", "ENV1") }] }),
    ],
    [
      "null deletes a field",
      { spec: { replicas: 3, paused: true } },
      { spec: { paused: null } },
      { spec: { replicas: 3 } },
    ],
    [
      "a port is found by its number alone where only one has it",
      inPod({ containers: [{ name: "c", ports: [{ containerPort: 53, protocol: "UDP" }] }] }),
      inPod({ containers: [{ name: "c", ports: [{ containerPort: 53, name: "dns" }] }] }),
      inPod({ containers: [{ name: "c", ports: [{ containerPort: 53, protocol: "UDP", name: "dns" }] }] }),
    ],
  ];
  test.each(cases)("%s", (_what, live, patch, expected) => {
    expect(patched(live, patch)).toEqual(expected);
  });

  test.each([
    ["a directive that is none", { spec: { $patch: "explode" } }, /\$patch takes replace, delete or merge/],
    ["an item without its key", inPod({ containers: [{ image: "x" }] }), /an item must have name/],
    ["an item that is none", inPod({ containers: ["x"] }), /its items must be objects/],
  ])("refuses %s", (_what, patch, message) => {
    expect(patched(inPod({ containers: [{ name: "a" }] }), patch)).toMatchObject({
      code: "BadRequest",
      message: expect.stringMatching(message),
    });
  });
});
