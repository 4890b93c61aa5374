// The client's examples and the command line as people run them: as processes, against a whole cluster.

import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type Ran, runProgram } from "../support/run-program.ts";

let cluster: TestCluster;

const run = (file: string, args: readonly string[], input = ""): Promise<Ran> =>
  runProgram(file, args, input, { BERTH_SERVER: cluster.url });
const example = (name: string, ...args: string[]) => run(`client/examples/${name}`, [cluster.url, ...args]);
const berth = (...args: string[]) => run("cli/main.ts", args);

beforeAll(async () => {
  cluster = await startTestCluster({ runtime: "process", nodes: 2, octet: 152 });
});
afterAll(async () => {
  await cluster?.stop();
});

test("the examples", async () => {
  const applied = await example("apply-and-wait.ts");
  expect(applied).toMatchObject({ code: 0, err: "" });
  expect(applied.out).toMatch(/^replication controller hello created\n[^]*all pods are ready\n$/);
  const [pod] = await cluster.ready("app=hello");
  const name = pod?.metadata.name ?? "";
  const tailed = await example("tail-logs.ts", "app=hello", "berth", "3");
  expect(tailed).toMatchObject({ code: 0, err: "" });
  expect(tailed.out).toMatch(/^hello-\w+: hello from hello-\w+\n/);
  await expect(example("run-command.ts", name, "cat")).resolves.toMatchObject({
    code: 0,
    out: "some input\n",
  });
  await expect(example("run-command.ts", "nope", "cat")).resolves.toMatchObject({
    code: 1,
    err: expect.stringMatching(/^NotFound: /),
  });
  expect((await example("why.ts")).out).toContain(`pod default/${name} is Running on `);
});

test("the command line", async () => {
  const manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "once", labels: { app: "once" } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "once",
          image: "node:24-alpine",
          command: ["node", "-e", "console.log('up'); setInterval(() => {}, 1e6)"],
        },
      ],
    },
  };
  const applied = await run("cli/main.ts", ["apply", "-f", "-"], JSON.stringify(manifest));
  expect(applied).toEqual({ code: 0, out: "pod/once created\n", err: "" });
  await expect(berth("wait", "pod/once", "--for=condition=Ready")).resolves.toMatchObject({ code: 0 });
  expect((await berth("get", "pods", "-l", "app=once")).out).toMatch(
    /^NAME   READY   STATUS    RESTARTS   AGE\nonce   1\/1     Running   0          \d+s\n$/,
  );
  await expect(berth("logs", "once")).resolves.toEqual({ code: 0, out: "up\n", err: "" });
  await expect(berth("exec", "once", "--", "node", "-e", "process.exit(7)")).resolves.toMatchObject({
    code: 7,
  });
  expect((await berth("describe", "pod", "once")).out).toMatch(/\nEvents:\n[^]*PodBound/);
  expect((await berth("why", "pod/once")).out).toContain("user:admin");
  expect((await berth("status")).out).toContain("Cluster berth");
  await expect(berth("delete", "pod", "once")).resolves.toEqual({
    code: 0,
    out: 'pod "once" deleted\n',
    err: "",
  });
  await expect(berth("get", "pod", "once")).resolves.toMatchObject({
    code: 1,
    err: 'Error from server (NotFound): pods "once" not found in namespace default\n',
  });
});
