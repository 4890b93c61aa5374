// Looking into pods on Docker: containers beside those that run, copies, nodes, files, ports, main processes.

import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PodSpec } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { importBusybox } from "../support/images.ts";
import { type Ran, runProgram } from "../support/run-program.ts";

const namespace = "default";
const root = join(import.meta.dirname, "..", "..");
let cluster: TestCluster;
let image = "";
let folder = "";

beforeAll(async () => {
  image = await importBusybox(new Docker());
  folder = await mkdtemp(join(tmpdir(), "berth-debug-"));
  cluster = await startTestCluster({ runtime: "docker", nodes: 1, octet: 168 });
  const labels = { app: "web" };
  await cluster.client.apply({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: webSpec() },
    },
  });
  await cluster.waitReady("app=web", 1);
});
afterAll(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

const serve = "mkdir -p /www; hostname >/www/index.html; httpd -p 8080 -h /www; exec sleep 12345";
const webSpec = (): PodSpec => ({
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: "main",
      image,
      imagePullPolicy: "IfNotPresent",
      command: ["sh", "-c", serve],
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    },
  ],
});
const berth = (args: readonly string[], input?: string): Promise<Ran> =>
  runProgram("cli/main.ts", args, input, { BERTH_SERVER: cluster.url });
const web = async (): Promise<string> => (await cluster.ready("app=web"))[0]?.metadata.name ?? "";
const policy = "--image-pull-policy=IfNotPresent";

describe("berth debug", () => {
  test("adds a container that sees the processes of its target, and its exit code is ours", async () => {
    const pod = await web();
    const args = ["debug", pod, `--image=${image}`, policy, "--target=main", "-c", "look", "--attach", "--"];
    const { code, out, err } = await berth([...args, "sh", "-c", "ps | grep '[s]leep 12345'; exit 7"]);
    expect(out + err).toContain("sleep 12345");
    expect(code).toBe(7);
    await eventually(async () => {
      const { status, spec } = await cluster.client.get("Pod", pod, { namespace });
      expect(spec?.ephemeralContainers).toMatchObject([{ name: "look", targetContainerName: "main" }]);
      expect(status?.ephemeralContainerStatuses).toMatchObject([
        { name: "look", restartCount: 0, state: { terminated: { exitCode: 7 } } },
      ]);
      expect(status?.phase).toBe("Running");
      expect(status?.containerStatuses?.[0]?.restartCount).toBe(0);
    });
    expect((await berth(["logs", pod, "-c", "look"])).out).toContain("sleep 12345");
  });

  test("passes this input on, and shares the pod's network", async () => {
    const pod = await web();
    const args = ["debug", `pod/${pod}`, `--image=${image}`, policy, "-c", "shell", "-i", "--", "sh"];
    const script = "printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | nc 127.0.0.1 8080\nexit 3\n";
    const { code, out, err } = await berth(args, script);
    expect(out, err).toContain(pod);
    expect(code).toBe(3);
  });

  test("says why its container does not start, and leaves the pod alone", async () => {
    const pod = await web();
    const never = ["debug", pod, "--image=none.invalid/none:1", "--image-pull-policy=Never", "-c", "bad"];
    expect((await berth(never)).code).toBe(0);
    await eventually(async () => {
      const { status } = await cluster.client.get("Pod", pod, { namespace });
      const bad = status?.ephemeralContainerStatuses?.find(({ name }) => name === "bad");
      expect(bad?.state?.waiting?.reason).toBe("ErrImageNeverPull");
      expect(status?.phase).toBe("Running");
    });
    const again = await berth(["debug", pod, `--image=${image}`, "-c", "main"]);
    expect(again.err).toContain("main is there already");
    const patch = { spec: { ephemeralContainers: [] } };
    await expect(cluster.client.patch("Pod", pod, patch, { namespace })).rejects.toMatchObject({
      code: "Invalid",
    });
  });

  test("makes a copy with another command, and one with a container more", async () => {
    const pod = await web();
    const copy = ["debug", pod, "--copy-to=copy", "-c", "main", "--same-node", "--attach", "--"];
    const { out, code } = await berth([...copy, "sh", "-c", "echo in the copy; sleep 3; exit 4"]);
    expect(out).toContain("in the copy");
    expect(code).toBe(4);
    const made = await cluster.client.get("Pod", "copy", { namespace });
    expect(made.metadata.labels).toBeUndefined();
    expect(made.spec).toMatchObject({ shareProcessNamespace: true });
    expect((await cluster.ready("app=web")).map(({ metadata }) => metadata.name)).toEqual([pod]);
    await cluster.client.delete("Pod", "copy", { namespace, gracePeriodSeconds: 0 });
    const more = [
      "debug",
      pod,
      "--copy-to=more",
      `--image=${image}`,
      policy,
      "-c",
      "side",
      "--",
      "sleep",
      "1000",
    ];
    expect((await berth(more)).code).toBe(0);
    const { spec } = await cluster.client.get("Pod", "more", { namespace });
    expect(spec?.containers.map(({ name }) => name)).toEqual(["main", "side"]);
    await cluster.client.delete("Pod", "more", { namespace, gracePeriodSeconds: 0 });
  });

  test("sees a whole node", async () => {
    const args = ["debug", "node/n1", `--image=${image}`, policy, "--attach", "--"];
    const { out } = await berth([...args, "sh", "-c", "ls -d /host/proc/1; hostname"]);
    expect(out).toContain("/host/proc/1");
    for (const { metadata } of await cluster.client.list("Pod", { namespace })) {
      if (metadata.name?.startsWith("node-debugger-n1-"))
        await cluster.client.delete("Pod", metadata.name, { namespace, gracePeriodSeconds: 0 });
    }
  });
});

describe("berth run", () => {
  const run = (name: string, ...args: string[]): string[] => [
    "run",
    name,
    `--image=${image}`,
    policy,
    ...args,
  ];

  test("passes this input on, shows the output alone, and ends with the exit code", async () => {
    const args = run("task", "-i", "--rm", "-q", "--restart=Never", "--", "sh");
    const { code, out, err } = await berth(args, "echo to out; echo to err >&2; exit 7\n");
    expect(out).toBe("to out\n");
    expect(err).toBe(`to err\npod ${namespace}/task terminated (Error)\n`);
    expect(code).toBe(7);
    await eventually(async () => {
      const pods = await cluster.client.list("Pod", { namespace });
      expect(pods.map(({ metadata }) => metadata.name)).not.toContain("task");
    });
  });

  test("shows what ended before it could be joined, and takes overrides of its pod", async () => {
    const overrides = '{"spec":{"hostname":"other"}}';
    const args = run("quick", "--attach", "--rm", "--restart=OnFailure", `--overrides=${overrides}`);
    expect(await berth([...args, "--", "hostname"])).toEqual({
      code: 0,
      out: 'other\npod "quick" deleted\n',
      err: "",
    });
  });

  test("leaves a pod that starts again when the input has ended", async () => {
    const { code, out, err } = await berth(run("stays", "-i", "--", "cat"), "hello\n");
    expect([code, out]).toEqual([0, "hello\n"]);
    expect(err).toContain("resume using 'berth attach stays -c stays -i'");
    expect(await berth(["delete", "pod", "stays", "--now"])).toMatchObject({ code: 0 });
  });

  test("says why its pod does not start", async () => {
    const args = ["run", "never", "--image=none.invalid/none:1", "--image-pull-policy=Never", "--attach"];
    const { code, out, err } = await berth([...args, "--rm", "--pod-running-timeout=3s"]);
    expect([code, out]).toEqual([1, 'pod "never" deleted\n']);
    expect(err).toContain("container never of pod never has not started within 3 s: ErrImageNeverPull");
  });
});

describe("berth cp", () => {
  test("takes directories there and back, also under other names", async () => {
    const pod = await web();
    const source = join(folder, "source");
    await mkdir(join(source, "deep"), { recursive: true });
    await writeFile(join(source, "one.txt"), "one");
    await writeFile(join(source, "deep", "big.bin"), Buffer.alloc(3_000_000, 7));
    expect(await berth(["cp", source, `${pod}:/tmp`])).toMatchObject({ code: 0, err: "" });
    expect(await berth(["cp", source, `${namespace}/${pod}:/tmp/other`])).toMatchObject({ code: 0, err: "" });
    const listed = await cluster.client.run(pod, ["find", "/tmp/source", "/tmp/other", "-type", "f"], {
      namespace,
    });
    expect(listed.stdout.trim().split("\n").toSorted()).toEqual([
      "/tmp/other/deep/big.bin",
      "/tmp/other/one.txt",
      "/tmp/source/deep/big.bin",
      "/tmp/source/one.txt",
    ]);
    const back = join(folder, "back");
    expect(await berth(["cp", `${pod}:/tmp/source`, back, "-c", "main"])).toMatchObject({ code: 0, err: "" });
    expect(await readdir(back)).toEqual(["deep", "one.txt"]);
    expect((await readFile(join(back, "deep", "big.bin"))).equals(Buffer.alloc(3_000_000, 7))).toBe(true);
    expect(await berth(["cp", `${pod}:/tmp/source/one.txt`, folder])).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, "one.txt"), "utf8")).toBe("one");
  });

  test("writes nothing outside of where it was told to, and says what is missing", async () => {
    const pod = await web();
    const outside = join(folder, "outside");
    const inside = join(folder, "inside");
    await mkdir(outside);
    await mkdir(join(inside, "evil"), { recursive: true });
    await symlink(outside, join(inside, "evil", "way"));
    const script = "mkdir -p /tmp/evil/way && echo x >/tmp/evil/way/file && ln -s /etc/passwd /tmp/evil/link";
    await cluster.client.run(pod, ["sh", "-c", script], { namespace });
    const { err, code } = await berth(["cp", `${pod}:/tmp/evil`, inside]);
    expect(code).toBe(0);
    expect(err).toContain("skipping symlink");
    expect(err).toContain("through a link");
    expect(await readdir(outside)).toEqual([]);
    const missing = await berth(["cp", `${pod}:/nothing`, folder]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.err).toContain("no such file or directory");
    expect(await berth(["cp", folder, `${pod}:/no/such/place`])).toMatchObject({ code: 1 });
  });
});

test("exec, attach and port-forward take a workload for one of its pods", async () => {
  expect(await berth(["exec", "deploy/web", "--", "hostname"])).toMatchObject({
    code: 0,
    out: `${await web()}\n`,
  });
  await cluster.client.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] },
  });
  const child = spawn(process.execPath, [join(root, "cli/main.ts"), "port-forward", "svc/web", ":80"], {
    env: { ...process.env, BERTH_SERVER: cluster.url, NO_COLOR: "1" },
  });
  const port = await new Promise<number>((resolve) =>
    child.stdout.on("data", (data: Buffer) => {
      const found = /:(\d+) -> 8080/.exec(data.toString());
      if (found) resolve(Number(found[1]));
    }),
  );
  const socket = connect({ host: "127.0.0.1", port });
  socket.end("GET /index.html HTTP/1.0\r\n\r\n");
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect(text).toContain(await web());
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await gone;
});

test("attach joins the main process: its output, its input, its exit code", async () => {
  await cluster.client.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "reader", namespace, labels: { app: "reader" } },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "main",
          image,
          imagePullPolicy: "IfNotPresent",
          stdin: true,
          stdinOnce: true,
          command: ["sh", "-c", "read line; echo got $line; exit 9"],
        },
      ],
    },
  });
  await cluster.waitReady("app=reader", 1);
  expect(await berth(["attach", "-i", "reader"], "hello\n")).toMatchObject({ code: 9, out: "got hello\n" });
});
