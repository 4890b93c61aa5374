import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unwrap } from "../../protocol/mod.ts";
import { canMount, unmountBelow } from "./mounts.ts";
import { prepareSubPath } from "./sub-path.ts";

let root: string;
let volume: string;
let place: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-parts-"));
  volume = join(root, "volume");
  place = join(root, "parts", "main", "0");
  mkdirSync(join(volume, "data"), { recursive: true });
  mkdirSync(join(root, "outside"));
  writeFileSync(join(volume, "data", "file"), "inside");
  writeFileSync(join(root, "outside", "file"), "outside");
});
afterEach(async () => {
  await unmountBelow(root);
  rmSync(root, { recursive: true, force: true });
});
const prepare = (subPath: string) => prepareSubPath({ volume, subPath, place });

test("a folder and a file of the volume", async () => {
  expect(readdirSync(unwrap(await prepare("data")))).toEqual(["file"]);
  expect(
    readFileSync(unwrap(await prepareSubPath({ volume, subPath: "data/file", place: `${place}f` })), "utf8"),
  ).toBe("inside");
});

test("what is not there becomes a folder of the volume", async () => {
  const path = unwrap(await prepare("new/deep"));
  writeFileSync(join(path, "made"), "");
  expect(existsSync(join(volume, "new", "deep", "made"))).toBe(true);
});

test("links within the volume are followed", async () => {
  symlinkSync("data", join(volume, "alias"));
  expect(readFileSync(join(unwrap(await prepare("alias")), "file"), "utf8")).toBe("inside");
});

test.each([
  ["an absolute link", "../outside", "link"],
  ["a link through a link", "../outside", "link/file"],
  ["a link into nowhere", "../nowhere", "link"],
  ["a link into nowhere with more behind it", "../nowhere", "link/more"],
])("%s that leads out is refused", async (_what, target, subPath) => {
  symlinkSync(join(volume, target), join(volume, "link"));
  const result = await prepare(subPath);
  expect(result).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("leads out of its volume") },
  });
  expect(existsSync(join(root, "nowhere"))).toBe(false);
});

test.each(["..", "a/../../x", "/etc"])("%s is refused as it stands", async (subPath) => {
  expect((await prepare(subPath)).ok).toBe(false);
});

test.runIf(canMount())(
  "a pipe does not hold the agent up, and a link that is swapped in later changes nothing",
  async () => {
    execFileSync("mkfifo", [join(volume, "pipe")]);
    await prepareSubPath({ volume, subPath: "pipe", place: `${place}p` });
    const path = unwrap(await prepare("data"));
    rmSync(join(volume, "data"), { recursive: true });
    symlinkSync(join(root, "outside"), join(volume, "data"));
    expect(existsSync(join(path, "file"))).toBe(false);
  },
);

test.runIf(canMount())("preparing again shows what the path leads to now", async () => {
  await prepare("data");
  rmSync(join(volume, "data"), { recursive: true });
  mkdirSync(join(volume, "data"));
  writeFileSync(join(volume, "data", "later"), "");
  expect(readdirSync(unwrap(await prepare("data")))).toEqual(["later"]);
});
