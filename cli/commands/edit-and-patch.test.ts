// diff, edit and patch: what they send, what they say, and their exit codes.

import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import {
  answer,
  refuse,
  type Script,
  type ScriptedApi,
  storedPod,
} from "../../client/testkit/scripted-api.ts";
import type { ApiObject } from "../../protocol/mod.ts";
import { holding, storedController } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const web = storedController("web", 2, { status: {} });
const controller = (replicas: number): string =>
  `apiVersion: v1\nkind: ReplicationController\nmetadata: { name: web }\nspec: { replicas: ${replicas} }\n`;
/** Answers a dry run with the object as it would be. */
const merging =
  (live: readonly ApiObject[], merged: ApiObject) =>
  (api: ScriptedApi): Script =>
  (asked) =>
    asked.target.verb === "apply"
      ? answer(11, { type: "object", object: merged, outcome: "configured" })
      : holding(live)(api)(asked);
const scaled = (replicas: number): ApiObject => ({ ...web, spec: { ...Object(web.spec), replicas } });

describe("diff", () => {
  test("no difference is exit code 0 and no word", async () => {
    const { run, out, api } = terminal(merging([web], web), { stdin: controller(2) });
    expect([await run(["diff", "-f", "-"]), out()]).toEqual([0, ""]);
    expect(api.of("apply")[0]?.request).toMatchObject({ dryRun: true, fieldManager: "berth-cli" });
  });
  test("differences are exit code 1, as a unified diff of what would be stored", async () => {
    const { run, out } = terminal(merging([web], scaled(5)), { stdin: controller(5) });
    expect(await run(["diff", "-f", "-"])).toBe(1);
    expect(out()).toContain(
      "--- live/v1.ReplicationController.default.web\n+++ merged/v1.ReplicationController",
    );
    expect(out()).toContain("-  replicas: 2\n+  replicas: 5\n");
    expect(out()).not.toMatch(/resourceVersion|status|uid/);
  });
  test("what is new is all added; colours stand only on a terminal that wants them", async () => {
    const plain = terminal(merging([], web), { stdin: controller(2) });
    expect(await plain.run(["diff", "-f", "-"])).toBe(1);
    expect(plain.out()).toContain("@@ -0,0 +1,");
    expect(plain.out()).not.toContain("\u001b[");
    const coloured = terminal(merging([], web), { stdin: controller(2), isTTY: true });
    await coloured.run(["diff", "-f", "-"]);
    expect(coloured.out()).toContain("\u001b[32m+kind: ReplicationController\u001b[39m");
    const quiet = terminal(merging([], web), { stdin: controller(2), isTTY: true, env: { NO_COLOR: "1" } });
    await quiet.run(["diff", "-f", "-"]);
    expect(quiet.out()).toBe(plain.out());
  });
  test("trouble is another exit code, also beside differences", async () => {
    const script = () => () => refuse("Invalid", "spec.x: unknown field");
    const { run, err } = terminal(script, { stdin: controller(2) });
    expect(await run(["diff", "-f", "-"])).toBe(2);
    expect(err()).toContain("Error from server (Invalid): spec.x: unknown field");
    const nothing = terminal(script, { stdin: "" });
    expect(await nothing.run(["diff", "-f", "-"])).toBe(2);
  });
  test("values of secrets are never shown", async () => {
    const secret = (data: Record<string, string>): ApiObject => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default" },
      data,
    });
    const sealing = {
      apiVersion: "berth/v1",
      kind: "SealingKey",
      metadata: {},
      publicKey: Buffer.alloc(32, 9).toString("base64url"),
    };
    const { data: _data, ...answered } = secret({});
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.resource === "sealing-key"
          ? answer(1, { type: "object", object: sealing })
          : merging([secret({ same: "c2FtZQ==", other: "b2xk" })], answered)(api)(asked);
    const stdin = JSON.stringify({
      ...secret({ same: "c2FtZQ==", other: "bmV3" }),
      stringData: { more: "x" },
    });
    const { run, out } = terminal(script, { stdin });
    expect(await run(["diff", "-f", "-"])).toBe(1);
    for (const line of [
      '-  other: "*** (before)"',
      '+  other: "*** (after)"',
      '+  more: "***"',
      '   same: "***"',
    ]) {
      expect(out()).toContain(`${line}\n`);
    }
    expect(out()).not.toMatch(/c2FtZQ|b2xk|bmV3/);
  });
});

describe("edit", () => {
  const edits = (...changes: readonly ((text: string) => string)[]) => ({ edits: changes });
  const five = (text: string): string => text.replace("replicas: 2", "replicas: 5");

  test("what was changed replaces the object of that version", async () => {
    const { run, out, api } = terminal(holding([web]), edits(five));
    expect([await run(["edit", "rc/web"]), out()]).toEqual([0, "replicationcontroller/web edited\n"]);
    expect(api.of("update")[0]?.request).toMatchObject({
      fieldManager: "berth-edit",
      object: { metadata: { resourceVersion: "1" }, spec: { replicas: 5 } },
    });
  });
  test("the editor shows the object under a hint, and nothing changed sends nothing", async () => {
    let shown = "";
    const look = (text: string): string => {
      shown = text;
      return text;
    };
    const { run, out, api } = terminal(holding([web]), edits(look));
    expect([await run(["edit", "rc", "web"]), out()]).toEqual([0, "Edit cancelled, no changes made.\n"]);
    expect(shown).toMatch(/^# Edit the object below\./);
    expect(parse(shown)).toEqual(web);
    expect(api.of("update")).toEqual([]);
  });
  test("what is refused opens again with the reasons as comments, until it is mended", async () => {
    const seen: string[] = [];
    let refusals = 1;
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.verb === "update" && refusals-- > 0
          ? refuse("Invalid", "spec.replcas: unknown field; did you mean replicas?")
          : holding([web])(api)(asked);
    const bad = (text: string): string => text.replace("replicas: 2", "replcas: 5");
    const mend = (text: string): string => {
      seen.push(text);
      return text.replaceAll("replcas", "replicas");
    };
    const { run, out } = terminal(script, edits(bad, mend));
    expect([await run(["edit", "rc/web"]), out()]).toEqual([0, "replicationcontroller/web edited\n"]);
    expect(seen[0]).toContain(
      "# Error from server (Invalid): spec.replcas: unknown field; did you mean replicas?\n",
    );
    expect(seen[0]).toContain("replcas: 5");
  });
  test("what is saved twice unchanged after a refusal is kept and given up", async () => {
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.verb === "update" ? refuse("Invalid", "no") : holding([web])(api)(asked);
    const { run, err, kept } = terminal(
      script,
      edits(five, (text) => text),
    );
    expect(await run(["edit", "rc/web"])).toBe(2);
    expect(err()).toContain('A copy of your changes has been stored to "kept-1"');
    expect(err()).toContain("no valid changes were saved");
    expect(kept[0]).toContain("replicas: 5");
  });
  test("text that is no object opens again, and another name is no way to rename", async () => {
    const seen: string[] = [];
    const look = (change: (text: string) => string) => (text: string) => {
      seen.push(text);
      return change(text);
    };
    const { run } = terminal(
      holding([web]),
      edits(
        (text) => `${text}\n  - [`,
        look(
          () => "kind: ReplicationController\napiVersion: v1\nmetadata: {name: other, namespace: default}\n",
        ),
        look(() => ""),
      ),
    );
    expect(await run(["edit", "rc/web"])).toBe(0);
    expect(seen[0]).toMatch(/^# the edit:\d+: document 1: /m);
    expect(seen[1]).toContain("# kind, name and namespace can't change");
  });
  test("a change that somebody else made meanwhile is told, and the text is kept", async () => {
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.verb === "update"
          ? refuse("Conflict", "it was changed: resourceVersion is 9, not 1")
          : holding([web])(api)(asked);
    const { run, err, kept } = terminal(script, edits(five));
    expect(await run(["edit", "rc/web"])).toBe(1);
    expect(err()).toContain("was changed by somebody else while you edited it");
    expect(err()).toContain("resourceVersion is 9, not 1");
    expect(kept).toHaveLength(1);
  });
});

describe("patch", () => {
  test.each([
    [["-p", '{"spec":{"replicas":3}}'], { patch: { spec: { replicas: 3 } }, patchType: "strategic" }],
    [
      ["-p", "spec:\n  replicas: 3", "--type=merge"],
      { patch: { spec: { replicas: 3 } }, patchType: "merge" },
    ],
    [
      ["--type=json", "-p", '[{"op":"remove","path":"/spec/replicas"}]'],
      { patch: [{ op: "remove", path: "/spec/replicas" }], patchType: "json" },
    ],
    [["--patch-file", "-", "--dry-run=server"], { patch: { spec: { replicas: 9 } }, dryRun: true }],
  ])("%j", async (flags, request) => {
    const { run, api } = terminal(holding([web]), { stdin: "spec: { replicas: 9 }" });
    expect(await run(["patch", "rc/web", ...flags])).toBe(0);
    expect(api.of("patch")[0]?.request).toMatchObject({ fieldManager: "berth-patch", ...request });
  });
  test("says what became of it; the scale is a subresource", async () => {
    const { run, out, api } = terminal(holding([web]));
    await run(["patch", "rc", "web", "--subresource=scale", "-p", '{"spec":{"replicas":3}}']);
    expect(out()).toBe("replicationcontroller/web patched\n");
    expect(api.of("patch")[0]?.target).toMatchObject({ subresource: "scale" });
    const same = terminal(() => () => answer(1, { type: "object", object: web, outcome: "unchanged" }));
    await same.run(["patch", "rc/web", "-p", "{}"]);
    expect(same.out()).toBe("replicationcontroller/web patched (no change)\n");
  });
  test.each([
    [["-p", "[]"], /a strategic patch is an object/],
    [["-p", "{}", "--type=json"], /a json patch is a list of operations/],
    [["-p", "{", "--type=merge"], /the patch:1: /],
    [["-p", "{}", "--type=sideways"], /--type takes strategic, merge or json/],
    [[], /either -p or --patch-file/],
    [["-p", "{}", "--subresource=log"], /--subresource takes scale or status/],
  ])("refuses %j", async (flags, message) => {
    const { run, err } = terminal(holding([storedPod("a")]));
    expect(await run(["patch", "pod/a", ...flags])).toBe(2);
    expect(err()).toMatch(message);
  });
});
