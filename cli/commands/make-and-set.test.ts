// create, run, expose, set: the objects and patches that their flags make.

import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../protocol/mod.ts";
import { holding, storedController, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const made = async (argv: readonly string[], objects: readonly ApiObject[] = []): Promise<ApiObject> => {
  const { run, out, err } = terminal(holding(objects));
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const asked = [...argv.slice(0, end), "--dry-run=client", "-o", "json", ...argv.slice(end)];
  expect([await run(asked), err()]).toEqual([0, ""]);
  return JSON.parse(out());
};

describe("create", () => {
  test.each([
    [["create", "namespace", "team"], { kind: "Namespace", metadata: { name: "team" } }],
    [
      ["create", "cronjob", "backup", "--image=x", "--schedule=0 3 * * *", "--", "tar", "c"],
      {
        kind: "CronJob",
        spec: {
          schedule: "0 3 * * *",
          jobTemplate: {
            spec: {
              template: {
                spec: { restartPolicy: "OnFailure", containers: [{ name: "backup", command: ["tar", "c"] }] },
              },
            },
          },
        },
      },
    ],
    [
      ["create", "service", "clusterip", "web", "--tcp=80:8080", "--tcp=443"],
      {
        kind: "Service",
        spec: {
          type: "ClusterIP",
          selector: { app: "web" },
          ports: [
            { name: "80-8080", port: 80, targetPort: 8080, protocol: "TCP" },
            { name: "443", port: 443, targetPort: 443 },
          ],
        },
      },
    ],
    [["create", "svc", "clusterip", "db", "--clusterip=None"], { spec: { clusterIP: "None" } }],
    [
      ["create", "service", "nodeport", "web", "--tcp=80", "--node-port=30080"],
      { spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] } },
    ],
    [
      ["create", "service", "externalname", "db", "--external-name=db.example.com"],
      { spec: { type: "ExternalName", externalName: "db.example.com" } },
    ],
  ])("%j", async (argv, expected) => {
    expect(await made(argv)).toMatchObject(expected);
  });
  test("says what it made, by whose hand, and refuses what makes no sense", async () => {
    const { run, out, api } = terminal(holding([]));
    await run(["create", "ns", "team"]);
    expect(out()).toBe("namespace/team created\n");
    expect(api.of("create")[0]?.request).toMatchObject({ fieldManager: "berth-create" });
    const none = terminal(holding([]));
    expect(await none.run(["create", "service", "clusterip", "web"])).toBe(2);
    expect(none.err()).toContain("say which port with --tcp");
  });
});

describe("run", () => {
  test("a pod with the words as arguments, or as its command", async () => {
    const pod = await made([
      "run",
      "web",
      "--image=nginx",
      "--port=80",
      "--env=A=b",
      "--env=C=d=e",
      "--",
      "x",
      "y",
    ]);
    expect(pod).toMatchObject({
      kind: "Pod",
      metadata: { name: "web", labels: { run: "web" } },
      spec: {
        restartPolicy: "Always",
        containers: [
          {
            name: "web",
            image: "nginx",
            args: ["x", "y"],
            env: [
              { name: "A", value: "b" },
              { name: "C", value: "d=e" },
            ],
            ports: [{ containerPort: 80 }],
          },
        ],
      },
    });
    const task = await made([
      "run",
      "task",
      "--image=x",
      "--restart=Never",
      "-l",
      "a=b,c=d",
      "--command",
      "--",
      "sh",
    ]);
    expect(task).toMatchObject({
      metadata: { labels: { a: "b", c: "d" } },
      spec: { restartPolicy: "Never", containers: [{ command: ["sh"] }] },
    });
  });
  test("--expose makes a service too", async () => {
    const { run, out, api } = terminal(holding([]));
    expect(await run(["run", "web", "--image=nginx", "--port=80", "--expose"])).toBe(0);
    expect(out()).toBe("pod/web created\nservice/web created\n");
    expect(api.of("create")[1]?.request.object).toMatchObject({
      spec: { selector: { run: "web" }, ports: [{ port: 80, targetPort: 80 }] },
    });
  });
  test.each([
    [["-t"], /-t goes with -i/],
    [["--rm"], /--rm goes with --attach or -i/],
    [["-i", "--attach=false", "--rm"], /--rm goes with --attach or -i/],
    [["-i", "--dry-run=client"], /--dry-run does not go with --attach and -i/],
    [["--overrides={"], /--overrides:1: Flow map/],
    [["--overrides=[]"], /a merge patch is an object/],
    [['--overrides={"kind":null}'], /leaves no object/],
    [["--overrides={}", "--override-type=other"], /--override-type takes merge, strategic or json/],
    [["--expose"], /--expose needs --port/],
    [["--restart=Sometimes"], /--restart takes Always/],
    [["--env=A"], /--env takes NAME=value/],
  ])("refuses %j", async (flags, message) => {
    const { run, err } = terminal(holding([]));
    expect(await run(["run", "web", "--image=x", ...flags])).toBe(2);
    expect(err()).toMatch(message);
  });
});

describe("expose", () => {
  const pod = storedPod("web", {
    metadata: { labels: { app: "web" } },
    spec: {
      containers: [
        { name: "a", image: "x", ports: [{ containerPort: 80 }, { containerPort: 53, protocol: "UDP" }] },
      ],
    },
  });
  test.each([
    [
      [],
      {
        selector: { app: "web" },
        ports: [
          { name: "port-1", port: 80, protocol: "TCP" },
          { name: "port-2", port: 53, protocol: "UDP" },
        ],
      },
    ],
    [["--port=8080", "--target-port=http"], { ports: [{ port: 8080, targetPort: "http", protocol: "TCP" }] }],
    [["--port=53"], { ports: [{ port: 53, protocol: "UDP" }] }],
    [
      ["--port=1", "--selector=a=b", "--session-affinity=ClientIP"],
      { selector: { a: "b" }, sessionAffinity: "ClientIP" },
    ],
    [["--port=1", "--external-ip=1.2.3.4"], { externalIPs: ["1.2.3.4"] }],
  ])("%j", async (flags, spec) => {
    expect(await made(["expose", "pod/web", ...flags], [pod])).toMatchObject({ kind: "Service", spec });
  });
});

describe("set", () => {
  const web = storedController("web", 1, {
    spec: {
      replicas: 1,
      selector: { app: "web" },
      template: {
        spec: {
          containers: [
            {
              name: "main",
              image: "web:1",
              env: [
                { name: "A", value: "1" },
                { name: "GONE", value: "1" },
              ],
            },
            { name: "side", image: "side:1", resources: { limits: { cpu: "1", memory: "1Gi" } } },
          ],
          initContainers: [{ name: "init", image: "init:1" }],
        },
      },
    },
  });
  const config: ApiObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings", namespace: "default" },
    data: { "log.level": "debug", port: "80" },
  };
  const patched = async (argv: readonly string[]): Promise<Record<string, unknown>> => {
    const { run, err, api } = terminal(holding([web, config]), { stdin: "# no\nR=x\n" });
    expect([await run(["set", ...argv]), err()]).toEqual([0, ""]);
    const { patch, preconditions, patchType, fieldManager } = api.of("patch")[0]?.request ?? {};
    // Lists are sent whole, so nobody may have changed them meanwhile.
    expect([preconditions, patchType, fieldManager]).toEqual([
      { resourceVersion: "1" },
      undefined,
      "berth-set",
    ]);
    return Object(patch).spec.template.spec;
  };
  const container = (spec: Record<string, unknown>, index = 0): unknown => Object(spec["containers"])[index];

  test("env sets, removes and keeps the order", async () => {
    const spec = await patched(["env", "rc/web", "B=2", "A=9", "GONE-", "-c", "main"]);
    expect(container(spec)).toMatchObject({
      env: [
        { name: "A", value: "9" },
        { name: "B", value: "2" },
      ],
    });
    expect(container(spec, 1)).not.toHaveProperty("env");
    expect(spec).not.toHaveProperty("initContainers");
  });
  test("env from a config map, from standard input, and without overwriting", async () => {
    const spec = await patched([
      "env",
      "rc/web",
      "--from=configmap/settings",
      "--prefix-env=APP_",
      "-c",
      "side",
    ]);
    expect(container(spec, 1)).toMatchObject({
      env: [
        { name: "APP_LOG_LEVEL", valueFrom: { configMapKeyRef: { name: "settings", key: "log.level" } } },
        { name: "APP_PORT", valueFrom: { configMapKeyRef: { name: "settings", key: "port" } } },
      ],
    });
    const read = await patched(["env", "rc/web", "-", "A=5", "--no-overwrite", "-c", "m*"]);
    expect(container(read)).toMatchObject({
      env: [
        { name: "A", value: "1" },
        { name: "GONE", value: "1" },
        { name: "R", value: "x" },
      ],
    });
  });
  test("env --list shows what is set", async () => {
    const { run, out } = terminal(holding([web]));
    await run(["set", "env", "rc/web", "--list", "-c", "main"]);
    expect(out()).toBe("# replicationcontroller/web, container main\nA=1\nGONE=1\n");
  });
  test("resources are set over those that are there; 0 takes one away", async () => {
    const argv = [
      "resources",
      "rc",
      "web",
      "-c",
      "side",
      "--limits=cpu=200m,memory=0",
      "--requests=cpu=100m",
    ];
    expect(container(await patched(argv), 1)).toMatchObject({
      resources: { limits: { cpu: "200m" }, requests: { cpu: "100m" } },
    });
  });
  test("images of init containers too; a name that no container has is told with those that are", async () => {
    expect(await patched(["image", "rc/web", "init=init:2"])).toEqual({
      initContainers: [{ name: "init", image: "init:2" }],
    });
    const { run, err } = terminal(holding([web]));
    expect(await run(["set", "image", "rc/web", "nope=x"])).toBe(1);
    expect(err()).toContain("has no container named nope; it has main, side, init");
  });
});

describe("words that can't be", () => {
  test.each([
    [["label", "pod/a", "bad key=1"], /"bad key" is no key of labels or annotations/],
    [["label", "pod/a", "k=no value"], /"no value" is no value for the label k/],
    [["annotate", "pod/a", "/x=1"], /"\/x" is no key/],
    [
      ["explain", "pod.spec.contaners"],
      /^error: Pod.spec has no field "contaners"; did you mean containers\?/,
    ],
    [["decode"], /^error: /],
  ])("%j", async (argv, message) => {
    const { start, err } = terminal(holding([storedPod("a")]), { stdin: "\u00c1" });
    // The texts that explain shows are loaded when they are needed, which no virtual clock moves on.
    expect(await start(argv)).not.toBe(0);
    expect(err()).toMatch(message);
    expect(err()).not.toContain("Error from server");
  });
  test("label and annotate: dry run, version, output", async () => {
    const { run, out, api } = terminal(holding([storedPod("a")]));
    await run(["annotate", "pod/a", "note=any text: goes", "--dry-run=server", "--resource-version=1"]);
    expect(out()).toBe("pod/a annotated (server dry run)\n");
    expect(api.of("patch")[0]?.request).toMatchObject({
      dryRun: true,
      preconditions: { resourceVersion: "1" },
      fieldManager: "berth-annotate",
    });
  });
  test("explain --recursive names every field below, each with its type", async () => {
    const { start, out } = terminal(holding([]));
    expect(await start(["explain", "deploy.spec.strategy", "--recursive"])).toBe(0);
    expect(out()).toContain("  rollingUpdate\t<RollingUpdateDeployment>\n    maxSurge\t<number or name>\n");
  });
  test("api-versions and api-resources by group", async () => {
    const versions = terminal(holding([]));
    await versions.run(["api-versions"]);
    expect(versions.out()).toMatch(/^apps\/v1\n(.*\n)*v1\n$/);
    const resources = terminal(holding([]));
    await resources.run(["api-resources", "--api-group=apps", "-o", "name"]);
    expect(resources.out()).toContain("deployments.apps\n");
    expect(resources.out()).not.toContain("pods");
  });
});
