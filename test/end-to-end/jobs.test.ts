// Jobs, cron jobs and stateful sets on a whole cluster of processes: completions while pods are killed, failures,
// indexes, and identities whose data outlives pods, agents and masters.

import { access, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiObject, Stored } from "../../client/mod.ts";
import { eventually, isReady, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type Ran, runProgram } from "../support/run-program.ts";

const waitMs = 120_000;
let cluster: TestCluster;
let files: string;

beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), "berth-jobs-"));
  cluster = await startTestCluster({ runtime: "process", nodes: 2, octet: 188 });
}, waitMs);
afterAll(async () => {
  await cluster?.stop();
  await rm(files, { recursive: true, force: true });
});

const berth = (...args: string[]): Promise<Ran> =>
  runProgram("cli/main.ts", args, "", { BERTH_SERVER: cluster.url });

type Fields = Readonly<Record<string, unknown>>;

/** Its container runs this script, and finds `files` in FILES. */
const template = (script: string, more: Fields = {}): Fields => ({
  spec: {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "main",
        image: "node:24-alpine",
        command: ["node", "-e", script],
        env: [{ name: "FILES", value: files }],
      },
    ],
    ...more,
  },
});
const job = (name: string, script: string, spec: Fields = {}): ApiObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: { template: template(script), ...spec },
});

const podsOf = async (name: string): Promise<Stored<"Pod">[]> =>
  cluster.client.list("Pod", { labelSelector: `job-name=${name}` });

async function ended(name: string, type: "Complete" | "Failed"): Promise<Stored<"Job">> {
  const found = await cluster.client.waitFor(
    "Job",
    name,
    (found) =>
      found?.status?.conditions?.some((each) => each.type === type && each.status === "True") ?? false,
    { timeoutMs: waitMs },
  );
  if (!found) throw new Error(`job ${name} is gone`);
  return found;
}

test(
  "a job gets its completions, whatever is done to its pods",
  async () => {
    // The first pod waits to be killed; those after it end well.
    const script = `
    const { mkdirSync } = require("node:fs");
    try { mkdirSync(process.env.FILES + "/first"); setInterval(() => {}, 1000); }
    catch { setTimeout(() => process.exit(0), 200); }`;
    await cluster.client.create(job("robust", script, { completions: 3, parallelism: 1 }));
    await eventually(async () =>
      expect((await podsOf("robust")).map(({ status }) => status?.phase)).toEqual(["Running"]),
    );
    await eventually(async () => access(join(files, "first")));
    const [first] = await podsOf("robust");
    await cluster.client.delete("Pod", first?.metadata.name ?? "");
    const { status } = await ended("robust", "Complete");
    expect(status).toMatchObject({ succeeded: 3, failed: 1, active: 0 });
    const succeeded = (await podsOf("robust")).filter((pod) => pod.status?.phase === "Succeeded");
    expect(succeeded).toHaveLength(3);
    expect(succeeded.every(({ metadata }) => !metadata.finalizers)).toBe(true);
    await expect(berth("wait", "--for=condition=complete", "job/robust")).resolves.toMatchObject({ code: 0 });
    expect((await berth("get", "jobs", "robust")).out).toMatch(
      /^NAME +STATUS +COMPLETIONS +DURATION +AGE\nrobust +Complete +3\/3 +\d+s +\d+s\n$/,
    );
  },
  waitMs,
);

test("a failing job ends with its limit, and says why", async () => {
  await cluster.client.create(job("doomed", "process.exit(3)", { backoffLimit: 0 }));
  const { status } = await ended("doomed", "Failed");
  expect(status).toMatchObject({ failed: 1, succeeded: 0 });
  expect(status?.conditions?.at(-1)).toMatchObject({ reason: "BackoffLimitExceeded" });
  expect((await berth("describe", "job", "doomed")).out).toContain("BackoffLimitExceeded");
});

test("an indexed job runs each index with its number", async () => {
  const script = `
    const { writeFileSync } = require("node:fs");
    const { FILES, HOSTNAME, JOB_COMPLETION_INDEX } = process.env;
    writeFileSync(FILES + "/index-" + JOB_COMPLETION_INDEX, HOSTNAME);`;
  const spec = { completionMode: "Indexed", completions: 4, parallelism: 2 };
  await cluster.client.create(job("indexed", script, spec));
  const { status } = await ended("indexed", "Complete");
  expect(status).toMatchObject({ succeeded: 4, completedIndexes: "0-3" });
  const written = [0, 1, 2, 3].map((index) => readFile(join(files, `index-${index}`), "utf8"));
  expect(await Promise.all(written)).toEqual(["indexed-0", "indexed-1", "indexed-2", "indexed-3"]);
});

test("a job by hand, of a command and of a cron job", async () => {
  const made = await berth(
    "create",
    "job",
    "once",
    "--image",
    "node:24-alpine",
    "--",
    "node",
    "-e",
    "console.log(42)",
  );
  expect(made).toEqual({ code: 0, out: "job.batch/once created\n", err: "" });
  await ended("once", "Complete");
  const [pod] = await podsOf("once");
  expect((await berth("logs", pod?.metadata.name ?? "")).out).toBe("42\n");
  await cluster.client.create({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "nightly" },
    spec: { schedule: "0 3 1 1 *", jobTemplate: { spec: { template: template("process.exit(0)") } } },
  });
  expect((await berth("create", "job", "tonight", "--from=cronjob/nightly")).code).toBe(0);
  await ended("tonight", "Complete");
  await eventually(async () => {
    const { status } = await cluster.client.get("CronJob", "nightly");
    expect(status?.lastSuccessfulTime).toBeDefined();
  });
  expect((await berth("get", "cronjobs")).out).toMatch(/nightly +0 3 1 1 \* +<none> +False +0 +<none>/);
});

/** Adds a line to its own file whenever it starts, and when it is asked to stop. */
const keeper = `
  const { appendFileSync } = require("node:fs");
  const note = (line) => appendFileSync("/data/" + process.env.HOSTNAME, line + "\\n");
  note("started");
  process.on("SIGTERM", () => { note("stopped"); process.exit(0); });
  setInterval(() => {}, 1000);`;

const noted = async (name: string, line: string): Promise<number> =>
  (await readFile(join(files, "data", name), "utf8")).split("\n").filter((each) => each === line).length;

test(
  "a stateful set keeps its names and its data, through pods, agents and masters that end",
  async () => {
    const data = join(files, "data");
    await mkdir(data);
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    const container = {
      name: "main",
      image: "node:24-alpine",
      command: ["node", "-e", keeper],
      volumeMounts,
    };
    const pod = {
      terminationGracePeriodSeconds: 1,
      containers: [container],
      volumes: [{ name: "data", hostPath: { path: data } }],
    };
    await cluster.client.create({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "keeper" },
      spec: {
        replicas: 2,
        serviceName: "keeper",
        selector: { matchLabels: { app: "keeper" } },
        template: { metadata: { labels: { app: "keeper" } }, spec: pod },
      },
    });
    const names = async (): Promise<readonly string[]> =>
      (await cluster.waitReady("app=keeper", 2)).map(({ metadata }) => metadata.name ?? "").sort();
    const starts = (name: string): Promise<number> => noted(name, "started");
    expect(await names()).toEqual(["keeper-0", "keeper-1"]);
    await eventually(async () =>
      expect(await Promise.all([starts("keeper-0"), starts("keeper-1")])).toEqual([1, 1]),
    );

    const before = await cluster.client.get("Pod", "keeper-1");
    await cluster.client.delete("Pod", "keeper-1");
    await cluster.client.waitFor(
      "Pod",
      "keeper-1",
      (found) => found !== undefined && found.metadata.uid !== before.metadata.uid,
      {
        timeoutMs: waitMs,
      },
    );
    expect(await names()).toEqual(["keeper-0", "keeper-1"]);
    await eventually(async () => expect(await starts("keeper-1")).toBe(2));

    const uids = async () =>
      (await cluster.ready("app=keeper")).map(({ metadata }) => metadata.uid ?? "").sort();
    const kept = await uids();
    for (const daemon of cluster.processes.daemons.keys()) {
      await cluster.kill(daemon);
      cluster.processes.restart(daemon);
    }
    await eventually(async () => expect(await cluster.client.list("Node")).toHaveLength(2));
    expect(await names()).toEqual(["keeper-0", "keeper-1"]);
    expect(await uids()).toEqual(kept);
    expect([await starts("keeper-0"), await starts("keeper-1")]).toEqual([1, 2]);
    expect((await berth("get", "statefulset", "keeper")).out).toMatch(/keeper +2\/2/);
  },
  waitMs,
);

test(
  "an identity on a lost node is not made elsewhere until somebody vouches for the node",
  async () => {
    const [, held] = await cluster.waitReady("app=keeper", 2);
    const { name = "", uid } = held?.metadata ?? {};
    const node = held?.spec?.nodeName ?? "";
    const refused = await berth("node", "fence", node);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("is Ready, not Lost") });
    await cluster.kill(node);
    const isHeld = (found: Stored<"StatefulSet"> | undefined): boolean =>
      found?.status?.conditions?.some(({ type }) => type === "IdentityHeld") ?? false;
    await cluster.client.waitFor("StatefulSet", "keeper", isHeld, { timeoutMs: waitMs });
    expect((await cluster.client.get("Pod", name)).metadata.uid).toBe(uid);
    for (const told of [await berth("why", `pod/${name}`), await berth("describe", "sts", "keeper")]) {
      expect(told.out).toContain(`berth node fence ${node}`);
    }
    await cluster.client.delete("Pod", name, { gracePeriodSeconds: 0 });
    expect((await cluster.client.get("Pod", name)).metadata.uid).toBe(uid);
    const fenced = await berth("node", "fence", node, "--reason", "pulled its plug");
    expect(fenced).toEqual({ code: 0, out: `node/${node} fenced\n`, err: "" });
    await cluster.client.waitFor("Pod", name, (found) => found !== undefined && found.metadata.uid !== uid, {
      timeoutMs: waitMs,
    });
    expect((await berth("why", `pod/${name}`)).out).toContain("pulled its plug");
    const stopped = await noted(name, "stopped");
    cluster.processes.restart(node);
    // The copy that ran on is stopped as soon as its agent hears of it.
    await eventually(async () => expect(await noted(name, "stopped")).toBe(stopped + 1));
    await cluster.waitReady("app=keeper", 2);
    await cluster.client.waitFor("Node", node, (found) => found !== undefined && isReady(found), {
      timeoutMs: waitMs,
    });
    await cluster.client.delete("StatefulSet", "keeper", { propagationPolicy: "Foreground" });
    await eventually(async () =>
      expect(await cluster.client.list("Pod", { labelSelector: "app=keeper" })).toEqual([]),
    );
  },
  waitMs,
);
