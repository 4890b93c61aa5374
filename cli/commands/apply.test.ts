import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { answer, refuse, storedPod } from "../../client/testkit/scripted-api.ts";
import { holding, storedController } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const pod = (name: string, more = ""): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${more}`;
const folder = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "berth-cli-"));
  mkdirSync(join(root, "all", "below"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
};

describe("apply", () => {
  test("says of each object what became of it, in order", async () => {
    const { run, out, api } = terminal(holding([storedPod("b")]), { stdin: `${pod("a")}---\n${pod("b")}` });
    expect(await run(["apply", "-f", "-"])).toBe(0);
    expect(out()).toBe("pod/a created\npod/b configured\n");
    expect(api.asked).toMatchObject([
      { target: { verb: "apply", name: "a", namespace: "default" }, request: { fieldManager: "berth-cli" } },
      { target: { verb: "apply", name: "b" } },
    ]);
  });
  test("reads files, folders and folders with all below them", async () => {
    const cwd = folder({
      "one.yaml": pod("one"),
      "all/two.yml": pod("two"),
      "all/three.json": JSON.stringify(storedController("three", 1)),
      "all/readme.md": "no",
      "all/below/four.yaml": pod("four"),
    });
    const flat = terminal(holding([]), { cwd });
    await flat.run(["apply", "-f", "one.yaml", "-f", "all"]);
    expect(flat.out()).toBe("pod/one created\nreplicationcontroller/three created\npod/two created\n");
    const deep = terminal(holding([]), { cwd });
    await deep.run(["apply", "-R", "-f", "all", "-o", "name"]);
    expect(deep.out()).toBe("pod/four\nreplicationcontroller/three\npod/two\n");
  });
  test("leaves out what Kubernetes has and Berth has not, says so, and exits with 0", async () => {
    const stdin = [
      "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: robot\n",
      pod("a"),
      "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: front\n",
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: cats.example.org\n" +
        "spec:\n  group: example.org\n  names:\n    kind: Cat\n",
      "apiVersion: example.org/v1\nkind: Cat\nmetadata:\n  name: tom\n",
    ].join("---\n");
    const { run, out, err, api } = terminal(holding([]), { stdin });
    expect(await run(["apply", "-f", "-"])).toBe(0);
    expect(out()).toBe("pod/a created\n");
    expect(api.asked).toHaveLength(1);
    expect(err().trimEnd().split("\n")).toEqual([
      expect.stringMatching(
        /^Warning: ServiceAccount "robot" is left out \(standard input:1: document 1\): Berth has no/,
      ),
      expect.stringContaining('Ingress "front" is left out'),
      expect.stringContaining('CustomResourceDefinition "cats.example.org" is left out'),
      expect.stringContaining('Cat "tom" is left out'),
    ]);
  });
  test("goes on after what is wrong, and exits with 1", async () => {
    const script = () => (asked: Parameters<ReturnType<ReturnType<typeof holding>>>[0]) =>
      asked.target.name === "bad"
        ? {
            ok: false as const,
            version: 1 as const,
            error: {
              code: "Invalid" as const,
              message: "Pod bad is invalid",
              causes: [{ field: "spec.containers", reason: "Required" as const, message: "at least one" }],
            },
          }
        : answer(1, { type: "object", object: storedPod(asked.target.name ?? ""), outcome: "unchanged" }, [
            "spec.affinity is not supported yet",
          ]);
    const stdin = [
      pod("a"),
      pod("bad"),
      "kind: [\n",
      "apiVersion: v1\nkind: Foo\nmetadata: { name: x }\n",
      pod("d"),
    ].join("---\n");
    const { run, out, err } = terminal(script, { stdin });
    expect(await run(["apply", "-f", "-"])).toBe(1);
    expect(out()).toBe("pod/a unchanged\npod/d unchanged\n");
    expect(err()).toContain("Warning: spec.affinity is not supported yet\n");
    expect(err()).toContain(
      "Error from server (Invalid): Pod bad is invalid\n* spec.containers: at least one\n  (standard input:6: document 2)\n",
    );
    expect(err()).toMatch(/error: standard input:\d+: document 3: /);
    expect(err()).toContain(
      'no matches for kind "Foo" in version "v1" ("x"); known kinds: Namespace, Node, Pod',
    );
  });
  test("the namespace is the object's, else that of -n; two different ones are refused", async () => {
    const stdin = `${pod("a")}---\n${pod("b", "  namespace: other\n")}`;
    const { run, out, err, api } = terminal(holding([]), { stdin });
    expect(await run(["apply", "-n", "shop", "-f", "-"])).toBe(1);
    expect([out(), api.asked[0]?.target.namespace]).toEqual(["pod/a created\n", "shop"]);
    expect(err()).toContain('"b" names the namespace "other", which is not the "shop" of --namespace');
  });
  test("--dry-run goes along and is shown; nothing to apply is an error", async () => {
    const dry = terminal(holding([]), { stdin: pod("a") });
    await dry.run(["apply", "--dry-run=server", "-f", "-"]);
    expect([dry.out(), dry.api.asked[0]?.request.dryRun]).toEqual(["pod/a created (server dry run)\n", true]);
    const empty = terminal(holding([]), { stdin: "# nothing\n" });
    expect([await empty.run(["apply", "-f", "-"]), empty.err()]).toEqual([
      1,
      "error: no objects found in -\n",
    ]);
    const missing = terminal(holding([]));
    expect(await missing.run(["apply", "-f", "nowhere.yaml"])).toBe(1);
    expect(missing.err()).toContain("cannot read nowhere.yaml");
    expect(await missing.run(["apply"])).toBe(2);
  });
  test("an unreachable cluster is said once, not for every document", async () => {
    const { run, err } = terminal(() => () => refuse("Unavailable", "no master"), {
      stdin: `${pod("a")}---\n${pod("b")}`,
    });
    expect(await run(["apply", "-f", "-", "--timeout", "2s"])).toBe(1);
    expect(err().match(/no master/g)).toHaveLength(1);
  });
  test("a manifest that is too large is refused before it is sent", async () => {
    const { run, err, api } = terminal(holding([]), {
      stdin: pod("a", `x: "${"y".repeat(5 * 1024 * 1024)}"\n`),
    });
    expect(await run(["apply", "-f", "-"])).toBe(1);
    expect(err()).toMatch(/more than the 4194304 that a manifest may have/);
    expect(api.asked).toEqual([]);
  });
});

test("create and replace use their own verbs", async () => {
  const create = terminal(holding([]), { stdin: pod("a") });
  await create.run(["create", "-f", "-"]);
  const replace = terminal(holding([storedPod("a")]), { stdin: pod("a") });
  await replace.run(["replace", "-f", "-"]);
  expect([create.out(), create.api.asked[0]?.target.verb]).toEqual(["pod/a created\n", "create"]);
  expect([replace.out(), replace.api.asked[0]?.target.verb]).toEqual(["pod/a replaced\n", "update"]);
});
