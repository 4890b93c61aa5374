// The forms of `get`: templates, columns, labels, sorting, watches with their events.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { storedPod } from "../../client/testkit/scripted-api.ts";
import { holding } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const pods = [
  storedPod("b", { metadata: { labels: { app: "x", "example.com/tier": "front" }, generation: 10 } }),
  storedPod("a", { metadata: { labels: { app: "y" }, generation: 9 } }),
];
const printed = async (argv: readonly string[], cwd = tmpdir()): Promise<string> => {
  const { run, out, err } = terminal(holding(pods), { cwd });
  expect([await run(["get", ...argv]), err()]).toEqual([0, ""]);
  return out();
};

describe("get -o", () => {
  test.each([
    [["pods", "-o", "jsonpath={.items[*].metadata.name}"], "b a"],
    [["pod", "a", "-o", "jsonpath={.metadata.labels.app}"], "y"],
    [["pods", "-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'], "b\na\n"],
    [["pod", "a", "-o", "jsonpath={.metadata.labels}"], '{"app":"y"}'],
    [["pods", "-o", "jsonpath-as-json={.items[*].metadata.name}"], '[\n    "b",\n    "a"\n]\n'],
    [["pods", "-o", "name"], "pod/b\npod/a\n"],
    [
      [
        "pods",
        "-o",
        "custom-columns=NAME:.metadata.name,TIER:.metadata.labels['example.com/tier'],IMAGES:.spec.containers[*].image",
      ],
      "NAME   TIER     IMAGES\nb      front    web:1\na      <none>   web:1\n",
    ],
    [["pods", "-o", "custom-columns=N:metadata.name", "--no-headers"], "b\na\n"],
    [["pods", "--sort-by=.metadata.name", "-o", "name"], "pod/a\npod/b\n"],
    [["pods", "--sort-by={.metadata.generation}", "-o", "name"], "pod/a\npod/b\n"],
  ])("%j", async (argv, expected) => {
    expect(await printed(argv)).toBe(expected);
  });
  test("templates and columns from files", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "berth-cli-"));
    writeFileSync(join(cwd, "template"), "{.metadata.name}\n");
    writeFileSync(join(cwd, "columns"), "NAME  APP\nmetadata.name  metadata.labels.app\n");
    expect(await printed(["pod", "a", "-o", "jsonpath-file=template"], cwd)).toBe("a");
    expect(await printed(["pods", "-o", "custom-columns-file=columns"], cwd)).toBe(
      "NAME   APP\nb      x\na      y\n",
    );
  });
  test("who owns which field stands there only when it is asked for", async () => {
    const owned = storedPod("a", { metadata: { managedFields: [{ manager: "me", operation: "Apply" }] } });
    const plain = terminal(holding([owned]));
    await plain.run(["get", "pods", "-o", "yaml"]);
    expect(plain.out()).not.toContain("managedFields");
    const whole = terminal(holding([owned]));
    await whole.run(["get", "pod", "a", "-o", "yaml", "--show-managed-fields"]);
    expect(whole.out()).toContain("manager: me");
  });
  test.each([
    [["-o", "go-template={{.x}}"], /Go templates are not supported; jsonpath=… and custom-columns=… are/],
    [["-o", "jsonpath={.x"], /JSONPath .*: expected \}/],
    [["-o", "jsonpath"], /jsonpath takes a template/],
    [["-o", "custom-columns=NAME"], /takes TITLE:path/],
    [["-o", "jsonpath-file=none"], /cannot read none/],
    [["--sort-by", "{.a b}"], /expected one path/],
  ])("refuses %j before or after it asks", async (argv, message) => {
    const { run, err } = terminal(holding(pods));
    expect(await run(["get", "pods", ...argv])).toBe(2);
    expect(err()).toMatch(message);
  });
});

describe("get", () => {
  test("labels as columns, titled by the last word of their key", async () => {
    const out = await printed(["pods", "-L", "app,example.com/tier", "--chunk-size=500"]);
    expect(out.split("\n").map((line) => line.trimEnd().split(/ {2,}/).slice(-2))).toMatchObject([
      ["APP", "TIER"],
      ["x", "front"],
      [expect.any(String), "y"],
      [""],
    ]);
  });
  test("objects that manifests name", async () => {
    const stdin = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n";
    const { run, out } = terminal(holding(pods), { stdin });
    expect(await run(["get", "-f", "-", "-o", "name"])).toBe(0);
    expect(out()).toBe("pod/a\n");
  });
  test("a watch says what happened to each, when it is asked to", async () => {
    const { start, out, api, world, interrupt } = terminal(holding(pods));
    const done = start(["get", "pods", "-w", "--output-watch-events", "--no-headers"]);
    await world.settle();
    const [watch] = api.watches;
    watch?.send({ type: "DELETED", object: storedPod("a"), position: 3 as never });
    await world.settle();
    interrupt();
    await world.settle();
    expect(await done).toBe(130);
    expect(
      out()
        .split("\n")
        .map((line) => line.split(/\s+/).slice(0, 2)),
    ).toEqual([["ADDED", "b"], ["ADDED", "a"], ["DELETED", "a"], [""]]);
  });
});
