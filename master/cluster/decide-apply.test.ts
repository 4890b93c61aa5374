// Applying, with several managers: who owns what, what stays, what is a conflict; and the properties of apply.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ApiObject, Command } from "../../protocol/mod.ts";
import { givenCluster, type Given } from "./given.ts";

type Fields = Readonly<Record<string, unknown>>;
const deployment = (spec: Fields, labels: Fields = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default", labels: labels as Record<string, string> },
  spec: {
    selector: { matchLabels: { app: "web" } },
    ...spec,
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "main", image: "web:1" }] },
      ...(spec["template"] as Fields),
    },
  },
});
const apply = (object: ApiObject, manager = "cli", more: Partial<Command> = {}): Command =>
  ({ type: "ApplyObject", object, manager, ...more }) as Command;
const onServer = (object: ApiObject, manager: string, force = false): Command =>
  apply(object, manager, { serverSide: true, ...(force && { force }) } as Partial<Command>);
const scale = (replicas: number, manager = "hpa"): Command => ({
  type: "PatchObject",
  kind: "Deployment",
  namespace: "default",
  name: "web",
  patch: { spec: { replicas } },
  manager,
});
const live = (given: Given): ApiObject => {
  const found = given.state.render("Deployment", "default", "web");
  if (!found) throw new Error("there is no deployment");
  return found;
};
const replicas = (given: Given): unknown => (live(given).spec as Fields)["replicas"];
const managers = (given: Given): unknown =>
  (live(given).metadata.managedFields ?? []).map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join(" "),
  );

describe("fields of several managers", () => {
  test("what another has scaled stays when the manifest does not name it, also when it did before", () => {
    const given = givenCluster();
    given.run(apply(deployment({ replicas: 2 })));
    given.run(scale(7));
    given.run(apply(deployment({})));
    expect(replicas(given)).toBe(7);
    given.run(apply(deployment({ minReadySeconds: 3 })));
    expect(replicas(given)).toBe(7);
    expect(managers(given)).toEqual(["hpa Update scale", "cli Apply"]);
  });
  test("what the manifest names is set, whoever owned it", () => {
    const given = givenCluster();
    given.run(apply(deployment({ replicas: 2 })));
    given.run(scale(7));
    given.run(apply(deployment({ replicas: 3 })));
    expect(replicas(given)).toBe(3);
    expect(managers(given)).toEqual(["cli Apply"]);
  });
  test("what nobody else has changed goes with the manifest's line, to its default", () => {
    const given = givenCluster();
    given.run(apply(deployment({ replicas: 2, minReadySeconds: 4 })));
    given.run(apply(deployment({})));
    expect(live(given).spec).toMatchObject({ replicas: 1 });
    expect(live(given).spec).not.toHaveProperty("minReadySeconds");
  });
  test("names each manager's fields as Kubernetes does", () => {
    const given = givenCluster();
    given.run(apply(deployment({ replicas: 2 }, { a: "1" })));
    expect(live(given).metadata.managedFields).toEqual([
      {
        manager: "cli",
        operation: "Apply",
        apiVersion: "apps/v1",
        time: "2030-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:a": {} } },
          "f:spec": {
            "f:replicas": {},
            "f:selector": { "f:matchLabels": { "f:app": {} } },
            "f:template": {
              "f:metadata": { "f:labels": { "f:app": {} } },
              "f:spec": {
                "f:containers": { 'k:{"name":"main"}': { ".": {}, "f:name": {}, "f:image": {} } },
              },
            },
          },
        },
      },
    ]);
  });
  test("managers that only ever update are bounded in number", () => {
    const given = givenCluster();
    given.run(apply(deployment({ replicas: 2 })));
    for (let number = 0; number < 15; number++) {
      const patch = { metadata: { annotations: { [`n${number}`]: "x" } } };
      given.run({ ...scale(1, `m${number}`), patch } as Command);
    }
    const newest = Array.from({ length: 9 }, (_, index) => `m${index + 6} Update`);
    expect(managers(given)).toEqual(["ancient-changes Update", "cli Apply", ...newest]);
  });
});

describe("server-side apply", () => {
  test("refuses to change what another manager owns, and names it", () => {
    const given = givenCluster();
    given.run(onServer(deployment({ replicas: 2 }), "one"));
    const refusal = given.refusal(onServer(deployment({ replicas: 3 }), "two"));
    expect(refusal).toMatchObject({ code: "Conflict", causes: [{ field: "spec.replicas" }] });
    expect(refusal?.message).toContain('conflict with "one": .spec.replicas');
    expect(refusal?.message).toContain("--force-conflicts");
  });
  test("the same value may be owned by both; then it goes when both leave it out", () => {
    const given = givenCluster();
    given.run(onServer(deployment({ minReadySeconds: 2 }), "one"));
    given.run(onServer(deployment({ minReadySeconds: 2 }), "two"));
    given.run(onServer(deployment({}), "one"));
    expect(live(given).spec).toMatchObject({ minReadySeconds: 2 });
    given.run(onServer(deployment({}), "two"));
    expect(live(given).spec).not.toHaveProperty("minReadySeconds");
  });
  test("forced, it takes the fields over", () => {
    const given = givenCluster();
    given.run(onServer(deployment({ replicas: 2 }), "one"));
    given.run(onServer(deployment({ replicas: 3 }), "two", true));
    expect(replicas(given)).toBe(3);
    expect(managers(given)).toEqual(["one Apply", "two Apply"]);
    expect(given.refusal(onServer(deployment({ replicas: 2 }), "one"))).toMatchObject({
      code: "Conflict",
      causes: [{ field: "spec.replicas" }],
      message: expect.stringContaining('conflict with "two"'),
    });
  });
  test("a scale is in the way of a manifest that names the replicas", () => {
    const given = givenCluster();
    given.run(onServer(deployment({ replicas: 2 }), "one"));
    given.run(scale(5));
    expect(given.refusal(onServer(deployment({ replicas: 2 }), "one"))?.message).toContain('"hpa"');
    given.run(onServer(deployment({}), "one"));
    expect(replicas(given)).toBe(5);
  });
});

describe("properties of apply", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const container = fc.record({
    name,
    image: fc.constantFrom("x:1", "x:2"),
    args: fc.option(fc.array(fc.constantFrom("1", "2"), { minLength: 1 }), { nil: undefined }),
    env: fc.option(
      fc.uniqueArray(fc.record({ name, value: fc.constantFrom("1", "2") }), { selector: (one) => one.name }),
      { nil: undefined },
    ),
  });
  const manifest = fc
    .record({
      replicas: fc.option(fc.nat(5), { nil: undefined }),
      labels: fc.dictionary(name, fc.constantFrom("1", "2")),
      containers: fc.uniqueArray(container, { minLength: 1, selector: (one) => one.name }),
    })
    .map(({ labels, containers, ...spec }) =>
      deployment({ ...JSON.parse(JSON.stringify(spec)), template: { spec: { containers } } }, labels),
    );

  test("applied twice is applied once", () => {
    fc.assert(
      fc.property(fc.array(manifest, { minLength: 1, maxLength: 4 }), (manifests) => {
        const given = givenCluster();
        for (const one of manifests) {
          given.run(apply(one));
          expect(given.run(apply(one))).toMatchObject({ outcome: "unchanged", events: [] });
        }
      }),
      { numRuns: 60 },
    );
  });
  test("an object applied as it is stays as it is", () => {
    fc.assert(
      fc.property(manifest, manifest, (one, other) => {
        const given = givenCluster();
        given.run(apply(one, "one"));
        given.run(apply(other, "two"));
        const before = live(given);
        const { outcome } = given.run(apply(before, "three"));
        expect(outcome).toBe("unchanged");
        expect(live(given).spec).toEqual(before.spec);
        expect(live(given).metadata.labels).toEqual(before.metadata.labels);
      }),
      { numRuns: 60 },
    );
  });
  test("what is left of an earlier manifest is nothing: the last one alone counts", () => {
    fc.assert(
      fc.property(manifest, manifest, (first, last) => {
        const [both, alone] = [givenCluster(), givenCluster()];
        both.run(apply(first));
        both.run(apply(last));
        alone.run(apply(last));
        expect(live(both).spec).toEqual(live(alone).spec);
        expect(live(both).metadata.labels ?? {}).toEqual(live(alone).metadata.labels ?? {});
      }),
      { numRuns: 60 },
    );
  });
  test("two managers of different fields come to the same in either order", () => {
    const labelled = (prefix: string) =>
      fc.dictionary(fc.constantFrom(`${prefix}1`, `${prefix}2`), fc.constantFrom("x", "y"));
    fc.assert(
      fc.property(labelled("a"), labelled("b"), fc.nat(5), fc.nat(50), (mine, theirs, count, seconds) => {
        const base = deployment({});
        const one = apply(deployment({ replicas: count }, mine), "one");
        const two = apply(deployment({ minReadySeconds: seconds }, theirs), "two");
        const results = [
          [one, two],
          [two, one],
        ].map((order) => {
          const given = givenCluster();
          given.run(apply(base, "zero"));
          for (const command of order) given.run(command);
          const { spec, metadata } = live(given);
          return { spec, labels: metadata.labels };
        });
        expect(results[0]).toEqual(results[1]);
      }),
      { numRuns: 60 },
    );
  });
});
