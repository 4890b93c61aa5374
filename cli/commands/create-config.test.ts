// create configmap, create secret.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, refuse, type Script, type ScriptedApi } from "../../client/testkit/scripted-api.ts";
import { boxKeys, boxOf, openBox, requestBoxContext, unwrap } from "../../protocol/mod.ts";
import { holding } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-create-"));
  writeFileSync(join(folder, "app.conf"), "colour = blue\n");
  writeFileSync(join(folder, "logo.bin"), Uint8Array.of(0xff, 0xfe, 0));
  writeFileSync(join(folder, "no key!"), "");
  writeFileSync(join(folder, "variables"), "# remark\n\nA=1\nB=two = 2\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function created(argv: readonly string[]): Promise<unknown> {
  const { run, api, err } = terminal(holding([]));
  expect([await run(["create", ...argv]), err()]).toEqual([0, ""]);
  return api.of("create")[0]?.request.object;
}

describe("create configmap", () => {
  test("of values, files and lines", async () => {
    const argv = ["--from-literal", "size=a=b", "--from-file", join(folder, "app.conf")];
    const more = [
      "--from-file",
      `logo=${join(folder, "logo.bin")}`,
      "--from-env-file",
      join(folder, "variables"),
    ];
    await expect(created(["configmap", "web", ...argv, ...more])).resolves.toMatchObject({
      kind: "ConfigMap",
      metadata: { name: "web" },
      data: { size: "a=b", "app.conf": "colour = blue\n", A: "1", B: "two = 2" },
      binaryData: { logo: "//4A" },
    });
  });
  test("of a folder: files whose names are keys", async () => {
    await expect(created(["cm", "web", "--from-file", folder, "--immutable"])).resolves.toMatchObject({
      data: { "app.conf": "colour = blue\n", variables: expect.any(String) },
      binaryData: { "logo.bin": "//4A" },
      immutable: true,
    });
  });
  test.each([
    [["--from-literal", "novalue"], "--from-literal takes <key>=<value>"],
    [["--from-literal", "a=1", "--from-literal", "a=2"], 'the key "a" is given twice'],
    [["--from-literal", "a/b=1"], '"a/b" is no key'],
    [["--from-file", "/nowhere/at/all"], "cannot read /nowhere/at/all"],
  ])("%j is a usage error", async (argv, message) => {
    const { run, err, api } = terminal(holding([]));
    expect(await run(["create", "configmap", "web", ...argv])).toBe(2);
    expect(err()).toContain(message);
    expect(api.of("create")).toEqual([]);
  });
});

describe("create secret", () => {
  const masters = boxKeys(createHash("sha256").update("masters").digest());
  const takingSecrets =
    (api: ScriptedApi): Script =>
    (asked) => {
      if (asked.target.resource !== "sealing-key") return holding([])(api)(asked);
      const key = { apiVersion: "berth/v1", kind: "SealingKey", metadata: { name: "requests" } };
      const object = { ...key, publicKey: masters.publicKey };
      return answer(10, { type: "object", object });
    };
  /** What was sent, with its values opened. */
  async function sent(argv: readonly string[]): Promise<unknown> {
    const { run, api, err } = terminal(takingSecrets);
    expect([await run(["create", "secret", ...argv]), err()]).toEqual([0, ""]);
    const [asked] = api.of("create");
    const { data } = (asked?.request.object ?? {}) as { data?: Record<string, string> };
    const context = requestBoxContext(asked?.target.user ?? "");
    const opened = Object.entries(data ?? {}).map(([key, text]) => {
      const clear = unwrap(openBox(boxOf(text) ?? new Uint8Array(), masters, context));
      return [key, Buffer.from(clear).toString()];
    });
    return { ...asked?.request.object, data: Object.fromEntries(opened) };
  }

  test("generic, tls and docker-registry: values leave sealed", async () => {
    await expect(sent(["generic", "db", "--from-literal", "password=x"])).resolves.toMatchObject({
      kind: "Secret",
      type: "Opaque",
      data: { password: "x" },
    });
    const file = join(folder, "app.conf");
    await expect(sent(["tls", "web", "--cert", file, "--key", file])).resolves.toMatchObject({
      type: "kubernetes.io/tls",
      data: { "tls.crt": "colour = blue\n", "tls.key": "colour = blue\n" },
    });
    const flags = ["--docker-server", "r.example", "--docker-username", "u", "--docker-password", "p"];
    await expect(sent(["docker-registry", "pull", ...flags])).resolves.toMatchObject({
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": '{"auths":{"r.example":{"username":"u","password":"p","auth":"dTpw"}}}' },
    });
  });

  test("without a key in the cluster nothing is sent", async () => {
    const refusing =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.resource === "sealing-key" ? refuse("NotFound", "no key") : holding([])(api)(asked);
    const { run, api, err } = terminal(refusing);
    expect(await run(["create", "secret", "generic", "db", "--from-literal", "password=x"])).toBe(1);
    expect(err()).toContain("--secret-key-file");
    expect(api.of("create")).toEqual([]);
  });
});
