// Hostile API requests over raw NATS: every refusal has a code and words, writes nothing, and the cluster works on.

import { randomBytes } from "node:crypto";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { encode } from "../../../protocol/mod.ts";
import { hostileCluster, api, codeOf, text, webPod } from "./hostile-cluster.ts";

const hostile = hostileCluster(84);

describe("API requests over raw NATS", () => {
  test("subjects that are none", async () => {
    const codes: Record<string, string> = {};
    for (const subject of [
      "berth.api.admin",
      "berth.api.admin.list.core.pods",
      "berth.api.admin.list.core.pods.default._._._",
      "berth.api.admin.frobnicate.core.pods.default._._",
      "berth.api.admin.list.core.submarines.default._._",
      "berth.api.admin.list.nogroup.pods.default._._",
      "berth.api.admin.get.core.pods.default._._",
      "berth.api.admin.get.core.pods.default.%ZZ._",
      "berth.api.admin.get.core.pods.default.a.nosuchpart",
      "berth.api._.list.core.pods.default._._",
      "berth.api.admin.delete.core.pods.-.x._",
    ]) {
      codes[subject.slice("berth.api.".length)] = codeOf(await hostile.send(subject, text("")));
    }
    expect(codes).toEqual({
      admin: "BadRequest",
      "admin.list.core.pods": "BadRequest",
      "admin.list.core.pods.default._._._": "BadRequest",
      "admin.frobnicate.core.pods.default._._": "MethodNotSupported",
      "admin.list.core.submarines.default._._": "NotFound",
      "admin.list.nogroup.pods.default._._": "NotFound",
      "admin.get.core.pods.default._._": "BadRequest",
      "admin.get.core.pods.default.%ZZ._": "BadRequest",
      "admin.get.core.pods.default.a.nosuchpart": "MethodNotSupported",
      "_.list.core.pods.default._._": "BadRequest",
      "admin.delete.core.pods.-.x._": "BadRequest",
    });
    await hostile.expectNothingWritten();
  });

  test("bodies that disagree with their subject", async () => {
    expect(codeOf(await hostile.apply(webPod("other")))).toBe("BadRequest");
    expect(
      codeOf(await hostile.apply(webPod("bad", { metadata: { name: "bad", namespace: "elsewhere" } }))),
    ).toBe("BadRequest");
    expect(codeOf(await hostile.apply(webPod("bad", { kind: "Service" })))).toBe("BadRequest");
    expect(codeOf(await hostile.apply(webPod("bad", { apiVersion: "v9" })))).toBe("BadRequest");
    await hostile.expectNothingWritten();
  });

  test("bodies that are no plain msgpack, or bombs", async () => {
    const rich = new Packr({ moreTypes: true, useRecords: true });
    const nested = Buffer.concat([Buffer.alloc(5000, 0x91), Buffer.from([0xc0])]);
    const bodies: Record<string, Uint8Array> = {
      garbage: Buffer.concat([Buffer.from([0xc1]), randomBytes(4096)]),
      truncated: encode({ version: 1, object: webPod("bad") }).subarray(0, 40),
      trailing: Buffer.concat([encode({ version: 1 }), Buffer.from([1])]),
      "a date": new Packr({}).pack({ version: 1, object: new Date(0) }),
      "a set and an expression": rich.pack({
        version: 1,
        object: { set: new Set([1]), expression: /(a+)+$/ },
      }),
      "a record": rich.pack({ version: 1, object: webPod("bad") }),
      "depth 5,000": nested,
      "a map that promises 2^32 keys": Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]),
      "an array that promises 2^32 items": Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
      "JSON of depth a million": text(`${'{"a":['.repeat(1)}${"[".repeat(1_000_000)}`),
      "JSON that ends early": text('{"version":1,'),
      "a number": encode(7),
    };
    for (const [name, body] of Object.entries(bodies)) {
      for (const verb of ["apply", "list"] as const) {
        const code = codeOf(await hostile.send(api(verb, verb === "list" ? undefined : "bad"), body));
        expect([name, verb, code]).toEqual([
          name,
          verb,
          expect.stringMatching(/^(BadRequest|Invalid|TooLarge)$/),
        ]);
      }
    }
    await hostile.expectNothingWritten();
  });

  test("other versions and wrong fields of a request", async () => {
    expect(codeOf(await hostile.send(api("list"), encode({ version: 99 })))).toBe("UnsupportedVersion");
    expect(codeOf(await hostile.send(api("list"), text('{"labelSelector": 7}')))).toBe("BadRequest");
    expect(codeOf(await hostile.send(api("list"), text('{"labelSelector": "a in (b"}')))).toBe("Invalid");
    expect(codeOf(await hostile.send(api("list"), text('{"limit": -1}')))).toBe("BadRequest");
    expect(codeOf(await hostile.send(api("list"), text('{"continue": "made up"}')))).toMatch(
      /^(Invalid|BadRequest|Expired)$/,
    );
    await hostile.expectNothingWritten();
  });

  test("prototypes can't be reached by field names", async () => {
    const body = text(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bad","labels":{"__proto__":"x"}},"__proto__":{"polluted":true},"spec":{"containers":[{"name":"c","image":"x","constructor":{"prototype":{"polluted":1}}}]}}',
    );
    const { ok, error } = await hostile.send(api("apply", "bad"), body);
    if (ok)
      await hostile.cluster.client.delete("Pod", "bad", { namespace: "default", gracePeriodSeconds: 0 });
    else expect(error?.code).toMatch(/^(Invalid|BadRequest)$/);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

test("a flood of refused requests leaves no queue behind", async () => {
  const body = encode({ version: 1, object: webPod("other") });
  const answers = await Promise.all(
    Array.from({ length: 2000 }, () => hostile.send(api("apply", "bad"), body)),
  );
  expect(new Set(answers.map(codeOf))).toEqual(new Set(["BadRequest"]));
  await hostile.expectNothingWritten();
});
