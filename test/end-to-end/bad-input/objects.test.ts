// Objects that ask for what can't be: names, quantities and sizes that no rule allows.

import { describe, expect, test } from "vitest";
import { encode } from "../../../protocol/mod.ts";
import {
  hostileCluster,
  api,
  codeOf,
  lax,
  podSpec,
  refusedByClient,
  text,
  webPod,
} from "./hostile-cluster.ts";

const hostile = hostileCluster(214);

describe("objects that ask for what can't be", () => {
  const codeFor = async (change: object): Promise<string> =>
    codeOf(await hostile.apply({ ...webPod("bad"), ...change }));
  const withContainer = (fields: object): object => ({
    spec: { containers: [{ name: "c", image: "x", ...fields }] },
  });

  test("names with dots, stars, blanks, unicode, control characters, none, too long", async () => {
    const names = [
      "*",
      ">",
      "a.*.b",
      "a b",
      "é",
      "日本",
      "a\u0000b",
      "\u001b[2J",
      "",
      "-a",
      "A",
      "a".repeat(254),
      "../../etc",
      "_",
      "-",
      "%",
    ];
    for (const name of names) {
      const answer = await hostile.send(api("apply", name), encode({ version: 1, object: webPod(name) }));
      expect([name, codeOf(answer)]).toEqual([name, expect.stringMatching(/^(Invalid|BadRequest)$/)]);
      const read = await hostile.send(api("get", name), text(""));
      expect([name, codeOf(read)]).toEqual([name, expect.stringMatching(/^(NotFound|Invalid|BadRequest)$/)]);
    }
    await hostile.expectNothingWritten();
  });

  test("a name with dots is a name as any other, also as an event's subject", async () => {
    const name = "a.b-c.d";
    await hostile.cluster.client.apply(webPod(name));
    expect((await hostile.cluster.client.get("Pod", name, { namespace: "default" })).metadata.name).toBe(
      name,
    );
    await hostile.cluster.client.delete("Pod", name, { namespace: "default", gracePeriodSeconds: 0 });
  });

  test("quantities below nothing, beyond everything, and none", async () => {
    const huge = ["9".repeat(400), "1e999", "99999999Ei", "-9223372036854775809"];
    for (const quantity of [
      "-1",
      "-5Mi",
      "abc",
      "1Zi",
      "1e",
      "",
      "0x10",
      "NaN",
      "Infinity",
      "1,5",
      "１",
      ...huge,
    ]) {
      for (const resource of ["cpu", "memory"]) {
        const code = await codeFor(withContainer({ resources: { requests: { [resource]: quantity } } }));
        expect([quantity, resource, code]).toEqual([quantity, resource, "Invalid"]);
      }
    }
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, {}, [], true]) {
      const answer = await hostile.apply({
        ...webPod("bad"),
        ...withContainer({ resources: { requests: { cpu: wrong } } }),
      });
      expect(codeOf(answer)).toMatch(/^(Invalid|BadRequest)$/);
    }
    await hostile.expectNothingWritten();
  });

  test("numbers out of their range", async () => {
    const controller = (replicas: unknown): object => ({
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name: "bad", namespace: "default" },
      spec: {
        replicas,
        selector: { a: "b" },
        template: { metadata: { labels: { a: "b" } }, spec: podSpec },
      },
    });
    for (const replicas of [-1, 1.5, 2 ** 53, 1e300, "3", Number.NaN]) {
      const subject = api("apply", "bad", "replicationcontrollers");
      const answer = await hostile.send(subject, lax.pack({ version: 1, object: controller(replicas) }));
      expect([replicas, codeOf(answer)]).toEqual([replicas, expect.stringMatching(/^(Invalid|BadRequest)$/)]);
    }
    expect(await codeFor(withContainer({ ports: [{ containerPort: 70_000 }] }))).toBe("Invalid");
    expect(await codeFor(withContainer({ ports: [{ containerPort: -1 }] }))).toBe("Invalid");
    expect(await codeFor({ spec: { ...podSpec, terminationGracePeriodSeconds: -1 } })).toBe("Invalid");
    await hostile.expectNothingWritten();
  });

  test("more labels, containers and bytes than anyone needs", async () => {
    const labels = Object.fromEntries(Array.from({ length: 150_000 }, (_, index) => [`label-${index}`, "x"]));
    expect(await codeFor({ metadata: { name: "bad", namespace: "default", labels } })).toMatch(
      /^(Invalid|TooLarge|BadRequest)$/,
    );
    const million = Object.fromEntries(
      Array.from({ length: 1_000_000 }, (_, index) => [`label-${index}`, "x"]),
    );
    const refused = hostile.cluster.client.apply(
      webPod("bad", { metadata: { name: "bad", namespace: "default", labels: million } }),
    );
    expect(await refusedByClient(refused)).toBe("TooLarge");
    const containers = Array.from({ length: 20_000 }, (_, index) => ({ name: `c-${index}`, image: "x" }));
    expect(await codeFor({ spec: { containers } })).toMatch(/^(Invalid|TooLarge|BadRequest)$/);
    const annotations = { big: "x".repeat(5_000_000) };
    const metadata = { name: "bad", namespace: "default", annotations };
    expect(await codeFor({ metadata })).toMatch(/^(Invalid|TooLarge|BadRequest)$/);
    const stored = { name: "bad", namespace: "default" };
    expect(await codeFor({ metadata: stored, status: { message: "x".repeat(5_000_000) } })).toMatch(
      /^(Invalid|TooLarge|BadRequest)$/,
    );
    await hostile.expectNothingWritten();
  });
});
