import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeAtomically } from "./atomic-files.ts";
import type { VolumeFile } from "./volume-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-files-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const file = (path: string, text: string, mode = 0o644): VolumeFile => ({
  path,
  data: Buffer.from(text),
  mode,
});
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const visible = (): string[] => readdirSync(root).filter((name) => !name.startsWith(".."));

test("files stand below one link that is swapped as a whole", async () => {
  await writeAtomically(root, [file("a", "1"), file("deep/b", "2", 0o400)]);
  const before = readlinkSync(join(root, "..data"));
  expect([read("a"), read("deep/b")]).toEqual(["1", "2"]);
  expect(statSync(join(root, "deep/b")).mode & 0o777).toBe(0o400);
  expect(readlinkSync(join(root, "a"))).toBe("..data/a");

  await writeAtomically(root, [file("a", "new"), file("c", "3")]);
  expect(readlinkSync(join(root, "..data"))).not.toBe(before);
  expect(existsSync(join(root, before))).toBe(false);
  expect([read("a"), read("c"), visible()]).toEqual(["new", "3", ["a", "c"]]);
});

test("writing the same again changes nothing, and what a killed agent left is cleared up", async () => {
  const files = [file("a", "1")];
  await writeAtomically(root, files);
  const { ino } = statSync(join(root, "a"));
  writeFileSync(join(root, "..left"), "");
  await writeAtomically(root, files);
  expect(statSync(join(root, "a")).ino).toBe(ino);
  expect(readdirSync(root).toSorted()).toEqual(
    ["..data", readlinkSync(join(root, "..data")), "a"].toSorted(),
  );
});

test("a mode that changes is a change, and no files are fine", async () => {
  await writeAtomically(root, [file("a", "1")]);
  await writeAtomically(root, [file("a", "1", 0o600)]);
  expect(statSync(join(root, "a")).mode & 0o777).toBe(0o600);
  await writeAtomically(root, []);
  expect(visible()).toEqual([]);
});

test.runIf(process.getuid?.() === 0)("a group may read what it is given", async () => {
  await writeAtomically(root, [file("a", "1", 0o400)], 65533);
  expect(statSync(join(root, "a"))).toMatchObject({ gid: 65533 });
  expect(statSync(join(root, "a")).mode & 0o777).toBe(0o440);
});
