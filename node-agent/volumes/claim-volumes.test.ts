import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { VolumeSource } from "../../protocol/mod.ts";
import type { EngineVolumes } from "../runtime/runtime.ts";
import { claimVolumes } from "./claim-volumes.ts";
import { canMount } from "./mounts.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-claims-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const directory = (handle = "pvc-1", begun = false): VolumeSource => ({ type: "directory", handle, begun });
const prepare = (source: VolumeSource, group?: { group: number; onRootMismatch: boolean }) =>
  claimVolumes(root, undefined).prepare(source, group);
const remove = (source: VolumeSource) => claimVolumes(root, undefined).remove(source);
async function pathOf(source: VolumeSource): Promise<string> {
  const prepared = await prepare(source);
  if (!prepared.ok) throw new Error(prepared.error.message);
  return prepared.value.hostPath;
}

describe("a local volume", () => {
  test("is a directory that everyone may write, and stays as it is when prepared again", async () => {
    const path = await pathOf(directory());
    expect(path).toBe(join(root, "claims", "pvc-1"));
    expect(statSync(path).mode & 0o777).toBe(0o777);
    writeFileSync(join(path, "file"), "kept");
    expect(await pathOf(directory("pvc-1", true))).toBe(path);
    expect(readFileSync(join(path, "file"), "utf8")).toBe("kept");
  });

  test("that had data is not begun anew when it is gone", async () => {
    expect(await prepare(directory("pvc-1", true))).toMatchObject({
      ok: false,
      error: { code: "NotFound", message: expect.stringContaining("is not on this node any more") },
    });
    expect(existsSync(join(root, "claims", "pvc-1"))).toBe(false);
  });

  test("is deleted whole, and again without complaint", async () => {
    const path = await pathOf(directory());
    mkdirSync(join(path, "deep"));
    writeFileSync(join(path, "deep", "file"), "gone");
    expect(await remove(directory())).toEqual({ ok: true, value: undefined });
    expect(readdirSync(join(root, "claims"))).toEqual([]);
    expect(await remove(directory())).toEqual({ ok: true, value: undefined });
  });

  test("a deletion that was cut short goes on", async () => {
    mkdirSync(join(root, "claims", ".deleting-pvc-1", "rest"), { recursive: true });
    expect((await remove(directory())).ok).toBe(true);
    expect(readdirSync(join(root, "claims"))).toEqual([]);
  });

  test("links in it are deleted, not followed", async () => {
    mkdirSync(join(root, "outside"));
    writeFileSync(join(root, "outside", "file"), "stays");
    symlinkSync(join(root, "outside"), join(await pathOf(directory()), "link"));
    await remove(directory());
    expect(readFileSync(join(root, "outside", "file"), "utf8")).toBe("stays");
  });

  test("that is a link itself is no volume", async () => {
    mkdirSync(join(root, "claims"));
    mkdirSync(join(root, "outside"));
    symlinkSync(join(root, "outside"), join(root, "claims", "pvc-1"));
    expect((await prepare(directory())).ok).toBe(false);
    await remove(directory());
    expect(existsSync(join(root, "outside"))).toBe(true);
  });

  test.each(["..", "../pods", "/etc", "a/b", ""])("handle %j leads nowhere", async (handle) => {
    expect((await prepare(directory(handle))).ok).toBe(false);
    expect((await remove(directory(handle))).ok).toBe(false);
    expect(existsSync(root)).toBe(true);
  });
});

describe("a path of the host", () => {
  const source = (path: string, pathType: string): VolumeSource => ({ type: "path", path, pathType });

  test("is used as it is and never deleted", async () => {
    mkdirSync(join(root, "srv"));
    expect(await pathOf(source(join(root, "srv"), "Directory"))).toBe(join(root, "srv"));
    expect((await prepare(source(join(root, "missing"), "Directory"))).ok).toBe(false);
    expect((await remove(source(join(root, "srv"), "Directory"))).ok).toBe(false);
    expect(existsSync(join(root, "srv"))).toBe(true);
  });
});

describe("a volume of the engine", () => {
  const source: VolumeSource = {
    type: "engine",
    handle: "pvc-1",
    driver: "local",
    options: {},
    begun: false,
  };

  test("needs a runtime that has one", async () => {
    expect(await prepare(source)).toMatchObject({ ok: false });
  });

  test("is made by it and removed by it; what it refuses is told", async () => {
    const asked: string[] = [];
    const engine: EngineVolumes = {
      ensure: ({ handle, driver }) => {
        asked.push(`ensure ${handle} ${driver}`);
        return Promise.resolve({ hostPath: "/engine/pvc-1", engineVolume: handle });
      },
      remove: (handle) => Promise.reject(new Error(`${handle} is in use`)),
    };
    const volumes = claimVolumes(root, engine);
    expect(await volumes.prepare(source, undefined)).toEqual({
      ok: true,
      value: { hostPath: "/engine/pvc-1", engineVolume: "pvc-1" },
    });
    expect(asked).toEqual(["ensure pvc-1 local"]);
    expect(await volumes.remove(source)).toMatchObject({ ok: false, error: { message: "pvc-1 is in use" } });
  });
});

describe.runIf(canMount())("fsGroup", () => {
  const groupOf = (path: string): { gid: number; mode: number } => {
    const { gid, mode } = statSync(path);
    return { gid, mode: mode & 0o7777 };
  };

  test("may read and write all that is there; links are left alone", async () => {
    const path = await pathOf(directory());
    mkdirSync(join(path, "inner"), { mode: 0o700 });
    writeFileSync(join(path, "inner", "file"), "", { mode: 0o600 });
    writeFileSync(join(root, "outside"), "", { mode: 0o600 });
    symlinkSync(join(root, "outside"), join(path, "link"));
    expect((await prepare(directory(), { group: 4321, onRootMismatch: false })).ok).toBe(true);
    expect(groupOf(path)).toEqual({ gid: 4321, mode: 0o2777 });
    expect(groupOf(join(path, "inner"))).toEqual({ gid: 4321, mode: 0o2770 });
    expect(groupOf(join(path, "inner", "file"))).toEqual({ gid: 4321, mode: 0o660 });
    expect(groupOf(join(root, "outside")).gid).not.toBe(4321);
  });

  test("with OnRootMismatch looks inside only when the volume itself is not the group's", async () => {
    const path = await pathOf(directory());
    await prepare(directory(), { group: 4321, onRootMismatch: true });
    writeFileSync(join(path, "later"), "", { mode: 0o600 });
    await prepare(directory(), { group: 4321, onRootMismatch: true });
    expect(groupOf(join(path, "later")).mode).toBe(0o600);
    await prepare(directory(), { group: 4321, onRootMismatch: false });
    expect(groupOf(join(path, "later")).mode).toBe(0o660);
  });
});
