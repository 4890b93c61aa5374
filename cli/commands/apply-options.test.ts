// What apply's options ask of the cluster and say: validation, dry runs, conflicts, prune; and replace --force.

import { describe, expect, test } from "vitest";
import { answer, refuse, type Script, type ScriptedApi } from "../../client/testkit/scripted-api.ts";
import type { ApiObject } from "../../protocol/mod.ts";
import { holding, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const pod = (name: string, labels = ""): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: {${labels}} }\n`;
const appliedBy = (name: string, manager: string, operation = "Apply"): ApiObject =>
  storedPod(name, { metadata: { labels: { app: "x" }, managedFields: [{ manager, operation }] } });

describe("apply", () => {
  test.each([
    [[], {}],
    [["--validate"], {}],
    [["--validate=strict"], {}],
    [["--validate=warn"], { fieldValidation: "Warn" }],
    [["--validate=false"], { fieldValidation: "Ignore" }],
    [["--dry-run"], { dryRun: true }],
    [["--server-side"], { serverSide: true }],
    [
      ["--server-side", "--force-conflicts", "--field-manager=me"],
      { serverSide: true, force: true, fieldManager: "me" },
    ],
  ])("%j asks for %j", async (flags, expected) => {
    const { run, api } = terminal(holding([]), { stdin: pod("a") });
    expect(await run(["apply", "-f", "-", ...flags])).toBe(0);
    const {
      commandId: _id,
      sentAt: _at,
      object: _object,
      version: _version,
      ...request
    } = api.of("apply")[0]?.request ?? {};
    expect(request).toEqual({ fieldManager: "berth-cli", ...expected });
  });

  test("a dry run on the client's side sends nothing, and says what would become of it", async () => {
    const stdin = `${pod("a")}---\n${pod("b")}`;
    const { run, out, api } = terminal(holding([storedPod("b")]), { stdin });
    expect(await run(["apply", "-f", "-", "--dry-run=client"])).toBe(0);
    expect(out()).toBe("pod/a created (dry run)\npod/b configured (dry run)\n");
    expect(api.of("apply")).toEqual([]);
  });
  test("on the server's side it says so", async () => {
    const { run, out } = terminal(holding([]), { stdin: pod("a") });
    await run(["apply", "-f", "-", "--server-side", "--dry-run=server"]);
    expect(out()).toBe("pod/a serverside-applied (server dry run)\n");
  });
  test("-l takes only the documents whose labels match", async () => {
    const { run, out } = terminal(holding([]), { stdin: `${pod("a", "app: x")}---\n${pod("b", "app: y")}` });
    await run(["apply", "-f", "-", "-l", "app in (x)"]);
    expect(out()).toBe("pod/a created\n");
  });

  test.each([
    [["-k", "base"], /kubectl kustomize base \| berth apply -f -/],
    [["-f", "https://example.com/a.yaml"], /addresses are not fetched; download the file first/],
    [["-f", "-", "--validate=maybe"], /--validate takes true, strict, warn, ignore, false/],
    [["-f", "-", "--dry-run=perhaps"], /--dry-run takes none, server or client/],
    [["-f", "-", "--force-conflicts"], /goes with --server-side/],
    [["-f", "-", "--server-side", "--dry-run=client"], /did you mean --dry-run=server/],
    [["-f", "-", "--prune"], /needs -l/],
    [["-f", "-", "--force", "--server-side"], /--force deletes: it does not go with --server-side/],
    [["-f", "-", "--force", "--dry-run=server"], /nor with --dry-run/],
    [["-f", "-", "--prune", "--all", "--prune-allowlist=Pod"], /takes group\/version\/kind/],
    [["-f", "-", "-o", "go-template={{.}}"], /Go templates are not supported; jsonpath/],
  ])("refuses %j", async (argv, message) => {
    const { run, err } = terminal(holding([]), { stdin: pod("a") });
    expect(await run(["apply", ...argv])).toBe(2);
    expect(err()).toMatch(message);
  });

  test("--force makes anew what can't be changed in place, and what was there comes back when that fails", async () => {
    let made = 0;
    const script =
      (api: ScriptedApi): Script =>
      (asked) => {
        const { verb } = asked.target;
        if (verb === "apply") return refuse("Invalid", "spec.nodeName can't change");
        const fails = verb === "create" && asked.request.dryRun !== true && made++ === 0;
        return fails ? refuse("AlreadyExists", "web is there") : holding([storedPod("web")])(api)(asked);
      };
    const { start, err, api, world } = terminal(script, { stdin: pod("web", "app: new") });
    const done = start(["apply", "--force", "-f", "-"]);
    await world.settle();
    api.watches[0]?.send({ type: "DELETED", object: storedPod("web"), position: 12 as never });
    await world.settle();
    expect([await done, err()]).toEqual([1, expect.stringContaining("web is there")]);
    const [, wanted, back] = api.of("create").map(({ request }) => request.object?.metadata);
    expect(wanted).toEqual({ name: "web", namespace: "default", labels: { app: "new" } });
    expect(back).toEqual({ name: "web", namespace: "default" });
  });
  test("--prune deletes what the same manager applied and the manifests lack, and nothing else", async () => {
    const objects = [
      appliedBy("kept", "berth-cli"),
      appliedBy("gone", "berth-cli"),
      appliedBy("theirs", "other"),
      appliedBy("changed", "berth-cli", "Update"),
      storedPod("made"),
    ];
    const { run, out, api } = terminal(holding(objects), { stdin: pod("kept", "app: x") });
    const argv = ["apply", "-f", "-", "--prune", "-l", "app=x", "--prune-allowlist", "core/v1/Pod"];
    expect(await run([...argv, "--dry-run=client"])).toBe(0);
    expect(out()).toBe("pod/kept configured (dry run)\npod/gone pruned (dry run)\n");
    expect(api.of("delete")).toEqual([]);
    expect(await run(argv)).toBe(0);
    expect(api.of("delete").map(({ target }) => target.name)).toEqual(["gone"]);
    expect(api.of("list")[0]?.request).toMatchObject({ labelSelector: "app=x" });
  });
  test("nothing is pruned when a document failed", async () => {
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.verb === "apply"
          ? refuse("Invalid", "no")
          : holding([appliedBy("gone", "berth-cli")])(api)(asked);
    const { run, api } = terminal(script, { stdin: pod("kept") });
    expect(await run(["apply", "-f", "-", "--prune", "--all"])).toBe(1);
    expect(api.of("delete")).toEqual([]);
  });
  test("-o shows the objects without who owns which field, unless it is asked for", async () => {
    const made = appliedBy("a", "berth-cli");
    const script = () => () => answer(1, { type: "object", object: made, outcome: "unchanged" });
    const plain = terminal(script, { stdin: pod("a") });
    await plain.run(["apply", "-f", "-", "-o", "json"]);
    expect(plain.out()).not.toContain("managedFields");
    const whole = terminal(script, { stdin: pod("a") });
    await whole.run(["apply", "-f", "-", "-o", "json", "--show-managed-fields"]);
    expect(JSON.parse(whole.out())).toEqual(made);
    const template = terminal(script, { stdin: pod("a") });
    await template.run(["apply", "-f", "-", "-o", "jsonpath={.metadata.labels.app}"]);
    expect(template.out()).toBe("x");
  });
});

describe("replace", () => {
  test("--force deletes the object, waits until it is gone, and creates it without its version", async () => {
    const stdin = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, resourceVersion: '7', uid: old }\n";
    const { start, out, api, world } = terminal(holding([storedPod("web")]), { stdin });
    const done = start(["replace", "--force", "-f", "-"]);
    await world.settle();
    expect(api.of("delete")[0]?.request).toMatchObject({ gracePeriodSeconds: 0 });
    // Whether it could be made at all is asked before anything is deleted.
    expect(api.of("create").map(({ request }) => request.dryRun)).toEqual([true]);
    api.watches[0]?.send({ type: "DELETED", object: storedPod("web"), position: 12 as never });
    await world.settle();
    expect(await done).toBe(0);
    expect(api.of("create")[1]?.request.object?.metadata).toEqual({ name: "web", namespace: "default" });
    expect(out()).toBe("pod/web replaced\n");
  });
  test("--force deletes nothing for an object that could not be made", async () => {
    const script =
      (api: ScriptedApi): Script =>
      (asked) =>
        asked.target.verb === "create"
          ? refuse("Invalid", "no containers")
          : holding([storedPod("web")])(api)(asked);
    const { run, err, api } = terminal(script, { stdin: pod("web") });
    expect(await run(["replace", "--force", "-f", "-"])).toBe(1);
    expect(err()).toContain("no containers");
    expect(api.of("delete")).toEqual([]);
  });
  test("of what must exist: one request, whose refusal is told", async () => {
    const stdin = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\n";
    const { run, err } = terminal(() => () => refuse("NotFound", "Pod default/web does not exist"), {
      stdin,
    });
    expect(await run(["replace", "-f", "-"])).toBe(1);
    expect(err()).toContain("Error from server (NotFound): Pod default/web does not exist");
  });
});
