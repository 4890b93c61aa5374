import { describe, expect, test } from "vitest";
import { maxManifestBytes, readManifests } from "./manifests.ts";

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
const problems = (text: string): readonly string[] =>
  readManifests(text, "f.yaml").problems.map((p) => p.message);

describe("documents", () => {
  test("several documents keep their numbers and lines; empty ones are passed over", () => {
    const file = readManifests(`# first\n---\n${pod("a")}---\n---\n${pod("b")}...\n`, "f.yaml");
    expect(file.problems).toEqual([]);
    expect(file.documents.map((d) => [d.object.metadata.name, d.line])).toEqual([
      ["a", 3],
      ["b", 9],
    ]);
  });
  test("a List and a PodList are taken apart", () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [pod("a"), pod("b")].map(() => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" } })),
    };
    const file = readManifests(JSON.stringify(list), "f.json");
    expect(file.documents.map((d) => d.item)).toEqual([1, 2]);
  });
  test("JSON with tabs is read", () => {
    const text =
      '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {\n\t\t"name": "x",\n\t\t"labels": {}\n\t}\n}\n';
    expect(readManifests(text, "f.json")).toMatchObject({
      problems: [],
      documents: [{ object: { kind: "Pod" } }],
    });
  });
  test("one broken document leaves the others usable", () => {
    const file = readManifests(`${pod("a")}---\nkind: [Pod\n---\n${pod("c")}`, "f.yaml");
    expect(file.problems[0]?.message).toMatch(/^f\.yaml:\d+: document 2: /);
    expect(file.documents.map((d) => [d.object.metadata.name, d.document, d.line])).toEqual([
      ["a", 1, 1],
      ["c", 3, 8],
    ]);
  });
  test("words that YAML 1.1 took for booleans stay texts", () => {
    const file = readManifests(`${pod("x")}  labels: { a: yes, b: "on", c: 1.0 }\n`, "f");
    expect(file.documents[0]?.object.metadata.labels).toEqual({ a: "yes", b: "on", c: 1 });
  });
});

describe("refused, with the place", () => {
  test.each([
    ["no kind", "apiVersion: v1\nmetadata: {}\n", "f.yaml:1: document 1: kind is not set"],
    ["no metadata", "apiVersion: v1\nkind: Pod\n", "f.yaml:1: document 1: metadata is not set"],
    ["a text", "hello\n", "f.yaml:1: document 1: expected an object with apiVersion, kind and metadata"],
    ["duplicate key", `${pod("a")}kind: Pod\n`, 'f.yaml:5: document 1: key "kind" stands here twice'],
    [
      "infinity",
      `${pod("a")}spec: { x: 1e999 }\n`,
      "f.yaml:5: document 1: 1e999 is no number that can be stored",
    ],
    [
      "not a number",
      `${pod("a")}spec: { x: .nan }\n`,
      "f.yaml:5: document 1: .nan is no number that can be stored",
    ],
    ["huge", `${pod("a")}spec: { x: 9007199254740993 }\n`, /9007199254740993 is beyond the whole numbers/],
    [
      "alias",
      `${pod("a")}a: &x 1\nb: *x\n`,
      "f.yaml:6: document 1: alias *x is not allowed; write the value out",
    ],
    ["prototype", `${pod("a")}__proto__: 1\n`, "f.yaml:5: document 1: a key may not be __proto__"],
    ["compound key", `${pod("a")}? [a]\n: 1\n`, "f.yaml:5: document 1: a key must be a text"],
    ["unknown tag", `${pod("a")}x: !!js/function "a"\n`, /document 1: .*tag/],
  ])("%s", (_name, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    if (typeof expected === "string") expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });
  test("deep nesting of every sort, without overflowing", () => {
    for (const text of [
      "[".repeat(200_000),
      "{a: ".repeat(50_000),
      `${"- ".repeat(50_000)}x`,
      `a: ${"[".repeat(60)}`,
    ]) {
      expect(problems(text)[0]).toMatch(/nested deeper than 50/);
    }
    const block = Array.from({ length: 60 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n");
    expect(problems(block)[0]).toMatch(/nested deeper than 50/);
  });
  test("too many bytes and too many keys are TooLarge", () => {
    const big = readManifests(`${pod("a")}x: "${"y".repeat(maxManifestBytes)}"\n`, "big.yaml");
    expect(big.problems[0]).toMatchObject({ code: "TooLarge" });
    expect(big.problems[0]?.message).toMatch(/^big\.yaml: \d+ bytes are more than the 4194304/);
    const keys = readManifests("a: b\n".repeat(400_000), "keys.yaml");
    expect(keys.problems[0]).toMatchObject({ code: "TooLarge" });
  });
});
