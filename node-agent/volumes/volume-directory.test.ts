import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Uid, Volume } from "../../protocol/mod.ts";
import { testPod, uidOf } from "../testkit/pod-fixture.ts";
import { canMount } from "./mounts.ts";
import { volumeDirectory } from "./volume-directory.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-volumes-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const uid = uidOf("web");
const prepare = (...volumes: Volume[]) => volumeDirectory(root).prepare(uid, testPod({ spec: { volumes } }));
async function pathOf(volume: Volume): Promise<string> {
  const prepared = await prepare(volume);
  if (!prepared.ok) throw new Error(prepared.error.message);
  return prepared.value[volume.name] ?? "";
}

describe("emptyDir", () => {
  test("is writable by everyone, stays when prepared again, and goes with the pod", async () => {
    const path = await pathOf({ name: "data", emptyDir: {} });
    expect(statSync(path).mode & 0o777).toBe(0o777);
    writeFileSync(join(path, "file"), "kept");
    expect(await pathOf({ name: "data", emptyDir: {} })).toBe(path);
    expect(readFileSync(join(path, "file"), "utf8")).toBe("kept");
    const volumes = volumeDirectory(root);
    expect(await volumes.pods()).toEqual([uid]);
    await volumes.cleanUp(uid);
    await volumes.cleanUp(uid);
    expect(existsSync(path)).toBe(false);
    expect(await volumes.pods()).toEqual([]);
  });

  test.runIf(canMount())("of medium Memory is a tmpfs, unmounted at the end", async () => {
    const path = await pathOf({ name: "fast", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } });
    await prepare({ name: "fast", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } });
    const mounts = (): string[] =>
      readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(path));
    expect(mounts()).toHaveLength(1);
    await volumeDirectory(root).cleanUp(uid);
    expect(mounts()).toHaveLength(0);
    expect(existsSync(path)).toBe(false);
  });

  test("cleaning up follows no links", async () => {
    const outside = join(root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "precious"), "");
    const path = await pathOf({ name: "data", emptyDir: {} });
    symlinkSync(outside, join(path, "link"));
    await volumeDirectory(root).cleanUp(uid);
    expect(existsSync(join(outside, "precious"))).toBe(true);
    symlinkSync(outside, join(root, "pods", "linked"));
    await volumeDirectory(root).cleanUp("linked" as Uid);
    expect(existsSync(join(outside, "precious"))).toBe(true);
    expect(lstatSync(join(root, "pods", "linked"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("a uid or name that leaves the directory is refused", async () => {
    const volumes = volumeDirectory(root);
    expect((await volumes.prepare("../../x" as Uid, testPod())).ok).toBe(false);
    expect((await prepare({ name: "../x", emptyDir: {} })).ok).toBe(false);
    await volumes.cleanUp(".." as Uid);
    expect(existsSync(root)).toBe(true);
  });
});

describe("hostPath", () => {
  const volume = (path: string, type: string): Volume =>
    ({ name: "host", hostPath: { path, type } }) as Volume;
  test("creates what its type says, and refuses what is something else", async () => {
    const directory = join(root, "a", "b");
    const file = join(root, "file");
    await expect(prepare(volume(directory, "Directory"))).resolves.toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("volume host: hostPath type check failed") },
    });
    await expect(prepare(volume(directory, "DirectoryOrCreate"))).resolves.toMatchObject({ ok: true });
    await expect(prepare(volume(directory, "Directory"))).resolves.toMatchObject({ ok: true });
    await expect(prepare(volume(file, "File"))).resolves.toMatchObject({ ok: false });
    await expect(prepare(volume(file, "FileOrCreate"))).resolves.toMatchObject({ ok: true });
    await expect(prepare(volume(file, "Socket"))).resolves.toMatchObject({ ok: false });
    await expect(prepare(volume(file, "DirectoryOrCreate"))).resolves.toMatchObject({ ok: false });
    await expect(prepare(volume(`${root}/../x`, ""))).resolves.toMatchObject({ ok: false });
    await expect(prepare(volume("relative", ""))).resolves.toMatchObject({ ok: false });
    await volumeDirectory(root).cleanUp(uid);
    expect(existsSync(file) && existsSync(directory)).toBe(true);
  });
});

test("other types are refused by name", async () => {
  await expect(prepare({ name: "s", secret: { secretName: "x" } })).resolves.toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("type secret is not supported") },
  });
});
