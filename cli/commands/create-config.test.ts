// create configmap, create secret.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
  test("generic, tls and docker-registry", async () => {
    await expect(created(["secret", "generic", "db", "--from-literal", "password=x"])).resolves.toMatchObject(
      {
        kind: "Secret",
        type: "Opaque",
        data: { password: "eA==" },
      },
    );
    const file = join(folder, "app.conf");
    await expect(created(["secret", "tls", "web", "--cert", file, "--key", file])).resolves.toMatchObject({
      type: "kubernetes.io/tls",
      data: { "tls.crt": expect.any(String), "tls.key": expect.any(String) },
    });
    const flags = ["--docker-server", "r.example", "--docker-username", "u", "--docker-password", "p"];
    await expect(created(["secret", "docker-registry", "pull", ...flags])).resolves.toMatchObject({
      type: "kubernetes.io/dockerconfigjson",
      data: {
        ".dockerconfigjson": Buffer.from(
          '{"auths":{"r.example":{"username":"u","password":"p","auth":"dTpw"}}}',
        ).toString("base64"),
      },
    });
  });
});
