// Manifests on the command line against a whole cluster of processes: apply and what others set, prune, diff, edit, patch,
// wait, and what is refused.

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type Ran, runProgram } from "../support/run-program.ts";

const waitMs = 120_000;
let cluster: TestCluster;
let files: string;

beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), "berth-manifests-"));
  cluster = await startTestCluster({ runtime: "process", nodes: 1, octet: 212 });
}, waitMs);
afterAll(async () => {
  await cluster?.stop();
  await rm(files, { recursive: true, force: true });
});

const berth = (args: readonly string[], input = "", env: Record<string, string> = {}): Promise<Ran> =>
  runProgram("cli/main.ts", ["-s", cluster.url, ...args], input, env);
const done = async (
  args: readonly string[],
  input = "",
  env: Record<string, string> = {},
): Promise<string> => {
  const { code, out, err } = await berth(args, input, env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
};

const deployment = (name: string, spec: string, labels = "team: a"): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { ${labels} }
spec:
  ${spec}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata:
      creationTimestamp: null
      labels: { app: ${name} }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: any
          command: [node, --eval, "setInterval(() => {}, 1000)"]
          resources: {}
status: {}
`;
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, labels: { set: one } }\ndata: { key: ${value} }\n`;
const read = async (what: string, path: string): Promise<string> =>
  done(["get", what, "-o", `jsonpath={${path}}`]);

describe("apply", () => {
  test(
    "creates, changes and leaves alone; a scale stays when the manifest does not name the replicas",
    async () => {
      const apply = (text: string): Promise<string> => done(["apply", "-f", "-"], text);
      expect(await apply(deployment("web", "replicas: 1"))).toBe("deployment.apps/web created\n");
      expect(await apply(deployment("web", "replicas: 1"))).toBe("deployment.apps/web unchanged\n");
      await done(["scale", "deploy/web", "--replicas=2"]);
      expect(await apply(deployment("web", "minReadySeconds: 0"))).toMatch(/configured|unchanged/);
      expect(await read("deploy/web", ".spec.replicas")).toBe("2");
    },
    waitMs,
  );

  test(
    "the live object applied as it is changes nothing",
    async () => {
      const live = await done(["get", "deploy/web", "-o", "yaml"]);
      expect(live).not.toContain("managedFields");
      // Its version is of the moment it was read; the rollout goes on meanwhile.
      const manifest = live.replace(/^ {2}resourceVersion:.*\n/m, "");
      const before = await read("deploy/web", ".metadata.generation");
      expect(await done(["apply", "-f", "-", "--field-manager=other"], manifest)).toBe(
        "deployment.apps/web unchanged\n",
      );
      expect(await read("deploy/web", ".metadata.generation")).toBe(before);
    },
    waitMs,
  );

  test(
    "on the server side, others' fields are a conflict until it is forced",
    async () => {
      const argv = ["apply", "--server-side", "--field-manager=theirs", "-f", "-"];
      const refused = await berth(argv, deployment("web", "replicas: 3"));
      expect(refused.code).toBe(1);
      expect(refused.err).toContain("Error from server (Conflict)");
      expect(refused.err).toContain(".spec.replicas");
      expect(await done([...argv, "--force-conflicts"], deployment("web", "replicas: 3"))).toBe(
        "deployment.apps/web serverside-applied\n",
      );
      expect(await read("deploy/web", ".spec.replicas")).toBe("3");
    },
    waitMs,
  );

  test(
    "--prune takes away what was applied before and is in no manifest any more",
    async () => {
      const all = [configMap("one", "a"), configMap("two", "b")].join("---\n");
      await done(["apply", "-f", "-"], all);
      await done(["create", "configmap", "made", "--from-literal=a=b"]);
      await done(["label", "cm/made", "set=one"]);
      const argv = ["apply", "--prune", "-l", "set=one", "-f", "-"];
      const dry = await done([...argv, "--dry-run=server"], configMap("one", "a"));
      expect(dry).toBe("configmap/one unchanged (server dry run)\nconfigmap/two pruned (server dry run)\n");
      expect(await done(argv, configMap("one", "a"))).toBe("configmap/one unchanged\nconfigmap/two pruned\n");
      expect(await done(["get", "cm", "-l", "set=one", "-o", "name"])).toBe(
        "configmap/made\nconfigmap/one\n",
      );
    },
    waitMs,
  );

  test(
    "a misspelt field is an error that says where and what was meant; --validate=false lets it pass",
    async () => {
      const wrong = deployment("wrong", "replcas: 2").replace("containers:", "contaners:");
      const { code, out, err } = await berth(["apply", "-f", "-"], wrong);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("spec.replcas: unknown field; did you mean replicas?");
      expect(err).toContain("spec.template.spec.contaners: unknown field; did you mean containers?");
      const lax = await berth(["apply", "-f", "-", "--validate=warn"], deployment("lax", "replcas: 2"));
      expect(lax).toMatchObject({ code: 0, out: "deployment.apps/lax created\n" });
      expect(lax.err).toContain('Warning: unknown field "spec.replcas"; did you mean replicas?');
      expect(await done(["apply", "-f", "-", "--validate=false"], deployment("lax", "replcas: 2"))).toMatch(
        /lax unchanged/,
      );
      await done(["delete", "deploy/lax"]);
    },
    waitMs,
  );
});

describe("diff, edit, patch", () => {
  test(
    "diff tells by its exit code, changes nothing, and shows what would be stored",
    async () => {
      const same = await berth(["diff", "-f", "-"], configMap("one", "a"));
      expect(same).toEqual({ code: 0, out: "", err: "" });
      const other = await berth(["diff", "-f", "-"], configMap("one", "z"));
      expect(other.code).toBe(1);
      expect(other.out).toContain("-  key: a\n+  key: z\n");
      expect(await read("cm/one", ".data.key")).toBe("a");
      expect((await berth(["diff", "-f", "-"], "kind: [")).code).toBe(2);
    },
    waitMs,
  );

  test(
    "edit runs the user's editor, and opens it again on what is refused",
    async () => {
      const editor = join(files, "editor");
      // The first time it misspells a field; the second time, when the reasons stand on top, it mends that.
      await writeFile(
        editor,
        '#!/bin/sh\nif grep -q "did you mean" "$1"; then sed -i "s/^dta:/data:/" "$1"; else sed -i "s/key: a/key: edited/; s/^data:/dta:/" "$1"; fi\n',
      );
      await chmod(editor, 0o755);
      expect(await done(["edit", "cm/one"], "", { EDITOR: editor })).toBe("configmap/one edited\n");
      expect(await read("cm/one", ".data.key")).toBe("edited");
      expect(await done(["edit", "cm/one"], "", { EDITOR: "true" })).toBe(
        "Edit cancelled, no changes made.\n",
      );
      const failing = await berth(["edit", "cm/one"], "", { EDITOR: "false" });
      expect(failing.code).toBe(2);
      expect(failing.err).toContain('the editor "false" ended with exit code 1');
    },
    waitMs,
  );

  test(
    "patches of each type, and of the scale",
    async () => {
      const image = '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"other"}]}}}}';
      await done(["patch", "deploy/web", "-p", image]);
      expect(await read("deploy/web", ".spec.template.spec.containers[*].image")).toBe("other");
      expect(await read("deploy/web", ".spec.template.spec.containers[0].command[0]")).toBe("node");
      await done(["patch", "cm/one", "--type=merge", "-p", "data: {key: null, more: x}"]);
      expect(await read("cm/one", ".data")).toBe('{"more":"x"}');
      const operations =
        '[{"op":"test","path":"/data/more","value":"x"},{"op":"add","path":"/data/k","value":"v"}]';
      await done(["patch", "cm/one", "--type=json", "-p", operations]);
      expect(await read("cm/one", ".data.k")).toBe("v");
      const failed = await berth(["patch", "cm/one", "--type=json", "-p", operations.replace('"x"', '"y"')]);
      expect(failed.code).toBe(1);
      expect(failed.err).toContain("the test failed");
      await done(["patch", "deploy/web", "--subresource=scale", "-p", '{"spec":{"replicas":1}}']);
      expect(await read("deploy/web", ".spec.replicas")).toBe("1");
    },
    waitMs,
  );
});

describe("wait", () => {
  test(
    "for a path's value, for what is yet to be made, and for several at once",
    async () => {
      expect(
        await done(["wait", "deploy/web", "--for=jsonpath={.status.readyReplicas}=1", "--timeout=60s"]),
      ).toBe("deployment.apps/web condition met\n");
      const made = done(["wait", "cm/late", "cm/later", "--for=create", "--timeout=60s"]);
      await done(["apply", "-f", "-"], [configMap("late", "a"), configMap("later", "b")].join("---\n"));
      expect((await made).split("\n").sort()).toEqual([
        "",
        "configmap/late condition met",
        "configmap/later condition met",
      ]);
      await done(["wait", "pods", "--all", "--for=condition=Ready", "--timeout=60s"]);
      const never = await berth(["wait", "cm/one", "--for=jsonpath={.data.k}=w", "--timeout=1s"]);
      expect(never).toMatchObject({
        code: 1,
        err: "error: timed out waiting for the condition on configmap/one\n",
      });
    },
    waitMs,
  );

  test(
    "a job of a cron job, environment and resources, run and its exit code",
    async () => {
      await done(["set", "env", "deploy/web", "--from=configmap/one", "A=b"]);
      expect(await done(["set", "env", "deploy/web", "--list"])).toContain("# K from configmap one, key k\n");
      await done(["set", "resources", "deploy/web", "--requests=cpu=10m"]);
      expect(await read("deploy/web", ".spec.template.spec.containers[0].resources.requests.cpu")).toBe(
        "10m",
      );
      const argv = [
        "run",
        "task",
        "--image=any",
        "--restart=Never",
        "--attach",
        "--rm",
        "--env=CODE=7",
        "--command",
        "--",
      ];
      const ran = await berth([
        ...argv,
        "node",
        "--eval",
        "console.log('hello'); process.exit(+process.env.CODE)",
      ]);
      expect(ran).toMatchObject({ code: 7, out: 'hello\npod "task" deleted\n' });
    },
    waitMs,
  );
});

describe("clusters that are not there", () => {
  test(
    "an unknown prefix is told quickly, an unknown server in words",
    async () => {
      const nobody = await berth(["--prefix", "nowhere", "get", "pods"]);
      expect(nobody.code).toBe(1);
      expect(nobody.err).toMatch(
        /no master of cluster "nowhere" listens on .*; start one, or check --prefix and --server/,
      );
      const nowhere = await runProgram("cli/main.ts", ["-s", "no-such-host.invalid", "get", "pods"]);
      expect(nowhere.code).toBe(1);
      expect(nowhere.err).toMatch(
        /Unable to reach the cluster: no NATS server answers at no-such-host.invalid/,
      );
      expect(nowhere.err).not.toContain("getaddrinfo");
    },
    waitMs,
  );
});
