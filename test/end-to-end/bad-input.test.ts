// Hostile input from everywhere it can come: the command line, API requests over raw NATS, agents' and masters'
// subjects, the log itself. Every refusal has a code and words, writes nothing, and the cluster works on as before.

import { randomBytes } from "node:crypto";
import { Packr } from "msgpackr";
import { connect, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BerthError, type Manifest } from "../../client/mod.ts";
import {
  agentMessages,
  agentSubject,
  apiSubject,
  type ApiVerb,
  decode,
  decodeBody,
  encode,
  endpointsSubject,
  logSubject,
  masterMessages,
  masterSubject,
  type NodeName,
  nodeMessages,
  nodeSubject,
  streamSubject,
  unwrap,
} from "../../protocol/mod.ts";
import { runProgram } from "../support/run-program.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";

const prefix = "berth";
const node = "n1" as NodeName;
const text = (words: string): Uint8Array => Buffer.from(words);
let cluster: TestCluster;
let nats: NatsConnection;

beforeAll(async () => {
  cluster = await startTestCluster({ runtime: "process", octet: 84, nodes: 1 });
  nats = await connect({ servers: cluster.url });
});
afterAll(async () => {
  await nats?.close();
  await cluster?.stop();
});

const podSpec = {
  restartPolicy: "Never",
  terminationGracePeriodSeconds: 0,
  containers: [{ name: "c", image: "any", command: ["node", "--eval", "setInterval(() => {}, 1000)"] }],
} as const;
const webPod = (name: string, change: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: podSpec,
  ...change,
});

interface Refusal {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Sends bytes as they are, and reads the answer in whichever form it comes. */
async function send(subject: string, body: Uint8Array): Promise<Refusal> {
  const ask = () => nats.request(subject, body, { timeout: 15_000 });
  // Making a huge message holds up this process, and the server may have left its silent connection: asked again.
  const reply = await ask().catch(ask);
  return unwrap(decodeBody(reply.data).body) as Refusal;
}
/** Encodes also what our own codec refuses to. */
const lax = new Packr({ useRecords: false, variableMapSize: true });
const api = (verb: ApiVerb, name?: string, resource = "pods"): string =>
  apiSubject(prefix, {
    user: "admin",
    verb,
    group: "core",
    resource,
    namespace: "default",
    ...(name !== undefined && { name }),
  });
const apply = (object: object, name = "bad"): Promise<Refusal> =>
  send(api("apply", name), lax.pack({ version: 1, object }));

/** The code, after a look at the words: enough to know what to do, too few to flood a terminal. */
function codeOf({ ok, error }: Refusal): string {
  expect(ok).toBe(false);
  expect(error?.message).toMatch(/^(?:\P{Cc}|\n){12,4000}$/u);
  return error?.code ?? "";
}
async function refusedByClient(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BerthError);
  return error instanceof BerthError ? codeOf({ ok: false, error }) : "";
}

interface Snapshot {
  readonly processes: readonly (number | undefined)[];
  readonly events: number;
  readonly epoch: number;
}
async function snapshot(): Promise<Snapshot> {
  const { log, epoch } = await cluster.client.status();
  return {
    processes: [...cluster.processes.daemons.values()].map(({ pid }) => pid),
    events: log.events,
    epoch,
  };
}

/** Nobody has crashed or been deposed, and a pod still comes and goes. */
async function expectWorking(before: Snapshot): Promise<void> {
  for (const [name, child] of cluster.processes.daemons) {
    expect([name, child.exitCode, child.signalCode]).toEqual([name, null, null]);
  }
  const { epoch, nodes } = await cluster.client.status();
  expect(epoch).toBe(before.epoch);
  expect(nodes.find(({ name }) => name === node)).toMatchObject({ state: "Ready" });
  await cluster.client.apply(
    webPod("probe", { metadata: { name: "probe", namespace: "default", labels: { app: "probe" } } }),
  );
  await cluster.waitReady("app=probe", 1);
  await cluster.client.delete("Pod", "probe", { namespace: "default" });
  await eventually(async () => {
    expect(await cluster.client.list("Pod", { namespace: "default" })).toEqual([]);
    const after = await cluster.client.status();
    expect(after.nodes.find(({ name }) => name === node)).toMatchObject({
      state: "Ready",
      inSync: true,
      pods: 0,
    });
  });
}

let before: Snapshot;
beforeEach(async () => {
  before = await snapshot();
});
afterEach(() => expectWorking(before));
const expectNothingWritten = async (): Promise<void> => expect((await snapshot()).events).toBe(before.events);

describe("API requests over raw NATS", () => {
  test("subjects that are none", async () => {
    const codes: Record<string, string> = {};
    for (const subject of [
      "berth.api.admin",
      "berth.api.admin.list.core.pods",
      "berth.api.admin.list.core.pods.default._._._",
      "berth.api.admin.frobnicate.core.pods.default._._",
      "berth.api.admin.list.core.submarines.default._._",
      "berth.api.admin.list.nogroup.pods.default._._",
      "berth.api.admin.get.core.pods.default._._",
      "berth.api.admin.get.core.pods.default.%ZZ._",
      "berth.api.admin.get.core.pods.default.a.nosuchpart",
      "berth.api._.list.core.pods.default._._",
      "berth.api.admin.delete.core.pods.-.x._",
    ]) {
      codes[subject.slice("berth.api.".length)] = codeOf(await send(subject, text("")));
    }
    expect(codes).toEqual({
      admin: "BadRequest",
      "admin.list.core.pods": "BadRequest",
      "admin.list.core.pods.default._._._": "BadRequest",
      "admin.frobnicate.core.pods.default._._": "MethodNotSupported",
      "admin.list.core.submarines.default._._": "NotFound",
      "admin.list.nogroup.pods.default._._": "NotFound",
      "admin.get.core.pods.default._._": "BadRequest",
      "admin.get.core.pods.default.%ZZ._": "BadRequest",
      "admin.get.core.pods.default.a.nosuchpart": "MethodNotSupported",
      "_.list.core.pods.default._._": "BadRequest",
      "admin.delete.core.pods.-.x._": "BadRequest",
    });
    await expectNothingWritten();
  });

  test("bodies that disagree with their subject", async () => {
    expect(codeOf(await apply(webPod("other")))).toBe("BadRequest");
    expect(codeOf(await apply(webPod("bad", { metadata: { name: "bad", namespace: "elsewhere" } })))).toBe(
      "BadRequest",
    );
    expect(codeOf(await apply(webPod("bad", { kind: "Service" })))).toBe("BadRequest");
    expect(codeOf(await apply(webPod("bad", { apiVersion: "v9" })))).toBe("BadRequest");
    await expectNothingWritten();
  });

  test("bodies that are no plain msgpack, or bombs", async () => {
    const rich = new Packr({ moreTypes: true, useRecords: true });
    const nested = Buffer.concat([Buffer.alloc(5000, 0x91), Buffer.from([0xc0])]);
    const bodies: Record<string, Uint8Array> = {
      garbage: Buffer.concat([Buffer.from([0xc1]), randomBytes(4096)]),
      truncated: encode({ version: 1, object: webPod("bad") }).subarray(0, 40),
      trailing: Buffer.concat([encode({ version: 1 }), Buffer.from([1])]),
      "a date": new Packr({}).pack({ version: 1, object: new Date(0) }),
      "a set and an expression": rich.pack({
        version: 1,
        object: { set: new Set([1]), expression: /(a+)+$/ },
      }),
      "a record": rich.pack({ version: 1, object: webPod("bad") }),
      "depth 5,000": nested,
      "a map that promises 2^32 keys": Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]),
      "an array that promises 2^32 items": Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
      "JSON of depth a million": text(`${'{"a":['.repeat(1)}${"[".repeat(1_000_000)}`),
      "JSON that ends early": text('{"version":1,'),
      "a number": encode(7),
    };
    for (const [name, body] of Object.entries(bodies)) {
      for (const verb of ["apply", "list"] as const) {
        const code = codeOf(await send(api(verb, verb === "list" ? undefined : "bad"), body));
        expect([name, verb, code]).toEqual([
          name,
          verb,
          expect.stringMatching(/^(BadRequest|Invalid|TooLarge)$/),
        ]);
      }
    }
    await expectNothingWritten();
  });

  test("other versions and wrong fields of a request", async () => {
    expect(codeOf(await send(api("list"), encode({ version: 99 })))).toBe("UnsupportedVersion");
    expect(codeOf(await send(api("list"), text('{"labelSelector": 7}')))).toBe("BadRequest");
    expect(codeOf(await send(api("list"), text('{"labelSelector": "a in (b"}')))).toBe("Invalid");
    expect(codeOf(await send(api("list"), text('{"limit": -1}')))).toBe("BadRequest");
    expect(codeOf(await send(api("list"), text('{"continue": "made up"}')))).toMatch(
      /^(Invalid|BadRequest|Expired)$/,
    );
    await expectNothingWritten();
  });

  test("prototypes can't be reached by field names", async () => {
    const body = text(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"bad","labels":{"__proto__":"x"}},"__proto__":{"polluted":true},"spec":{"containers":[{"name":"c","image":"x","constructor":{"prototype":{"polluted":1}}}]}}',
    );
    const { ok, error } = await send(api("apply", "bad"), body);
    if (ok) await cluster.client.delete("Pod", "bad", { namespace: "default", gracePeriodSeconds: 0 });
    else expect(error?.code).toMatch(/^(Invalid|BadRequest)$/);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("objects that ask for what can't be", () => {
  const codeFor = async (change: object): Promise<string> =>
    codeOf(await apply({ ...webPod("bad"), ...change }));
  const withContainer = (fields: object): object => ({
    spec: { containers: [{ name: "c", image: "x", ...fields }] },
  });

  test("names with dots, stars, blanks, unicode, control characters, none, too long", async () => {
    const names = [
      "*",
      ">",
      "a.*.b",
      "a b",
      "é",
      "日本",
      "a\u0000b",
      "\u001b[2J",
      "",
      "-a",
      "A",
      "a".repeat(254),
      "../../etc",
      "_",
      "-",
      "%",
    ];
    for (const name of names) {
      const answer = await send(api("apply", name), encode({ version: 1, object: webPod(name) }));
      expect([name, codeOf(answer)]).toEqual([name, expect.stringMatching(/^(Invalid|BadRequest)$/)]);
      const read = await send(api("get", name), text(""));
      expect([name, codeOf(read)]).toEqual([name, expect.stringMatching(/^(NotFound|Invalid|BadRequest)$/)]);
    }
    await expectNothingWritten();
  });

  test("a name with dots is a name as any other, also as an event's subject", async () => {
    const name = "a.b-c.d";
    await cluster.client.apply(webPod(name));
    expect((await cluster.client.get("Pod", name, { namespace: "default" })).metadata.name).toBe(name);
    await cluster.client.delete("Pod", name, { namespace: "default", gracePeriodSeconds: 0 });
  });

  test("quantities below nothing, beyond everything, and none", async () => {
    const huge = ["9".repeat(400), "1e999", "99999999Ei", "-9223372036854775809"];
    for (const quantity of [
      "-1",
      "-5Mi",
      "abc",
      "1Zi",
      "1e",
      "",
      "0x10",
      "NaN",
      "Infinity",
      "1,5",
      "１",
      ...huge,
    ]) {
      for (const resource of ["cpu", "memory"]) {
        const code = await codeFor(withContainer({ resources: { requests: { [resource]: quantity } } }));
        expect([quantity, resource, code]).toEqual([quantity, resource, "Invalid"]);
      }
    }
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, {}, [], true]) {
      const answer = await apply({
        ...webPod("bad"),
        ...withContainer({ resources: { requests: { cpu: wrong } } }),
      });
      expect(codeOf(answer)).toMatch(/^(Invalid|BadRequest)$/);
    }
    await expectNothingWritten();
  });

  test("numbers out of their range", async () => {
    const controller = (replicas: unknown): object => ({
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name: "bad", namespace: "default" },
      spec: {
        replicas,
        selector: { a: "b" },
        template: { metadata: { labels: { a: "b" } }, spec: podSpec },
      },
    });
    for (const replicas of [-1, 1.5, 2 ** 53, 1e300, "3", Number.NaN]) {
      const subject = api("apply", "bad", "replicationcontrollers");
      const answer = await send(subject, lax.pack({ version: 1, object: controller(replicas) }));
      expect([replicas, codeOf(answer)]).toEqual([replicas, expect.stringMatching(/^(Invalid|BadRequest)$/)]);
    }
    expect(await codeFor(withContainer({ ports: [{ containerPort: 70_000 }] }))).toBe("Invalid");
    expect(await codeFor(withContainer({ ports: [{ containerPort: -1 }] }))).toBe("Invalid");
    expect(await codeFor({ spec: { ...podSpec, terminationGracePeriodSeconds: -1 } })).toBe("Invalid");
    await expectNothingWritten();
  });

  test("more labels, containers and bytes than anyone needs", async () => {
    const labels = Object.fromEntries(Array.from({ length: 150_000 }, (_, index) => [`label-${index}`, "x"]));
    expect(await codeFor({ metadata: { name: "bad", namespace: "default", labels } })).toMatch(
      /^(Invalid|TooLarge|BadRequest)$/,
    );
    const million = Object.fromEntries(
      Array.from({ length: 1_000_000 }, (_, index) => [`label-${index}`, "x"]),
    );
    const refused = cluster.client.apply(
      webPod("bad", { metadata: { name: "bad", namespace: "default", labels: million } }),
    );
    expect(await refusedByClient(refused)).toBe("TooLarge");
    const containers = Array.from({ length: 20_000 }, (_, index) => ({ name: `c-${index}`, image: "x" }));
    expect(await codeFor({ spec: { containers } })).toMatch(/^(Invalid|TooLarge|BadRequest)$/);
    const annotations = { big: "x".repeat(5_000_000) };
    const metadata = { name: "bad", namespace: "default", annotations };
    expect(await codeFor({ metadata })).toMatch(/^(Invalid|TooLarge|BadRequest)$/);
    const stored = { name: "bad", namespace: "default" };
    expect(await codeFor({ metadata: stored, status: { message: "x".repeat(5_000_000) } })).toMatch(
      /^(Invalid|TooLarge|BadRequest)$/,
    );
    await expectNothingWritten();
  });
});

describe("manifests on the command line", () => {
  const berth = (input: string): Promise<{ code: number | null; out: string; err: string }> =>
    runProgram("cli/main.ts", ["-s", cluster.url, "apply", "-f", "-"], input);
  const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: bad\n";
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n`;
  const manyKeys = Array.from({ length: 60_000 }, (_, index) => `    k${index}: "1"\n`).join("");

  test.each([
    ["duplicate keys", `${head}  name: worse\n`, /line|:5/],
    ["a bomb of aliases", `${head}${bomb}`, /alias/i],
    ["not a number", `${head}spec: {terminationGracePeriodSeconds: .nan}\n`, /nan|number/i],
    ["infinity", `${head}spec: {terminationGracePeriodSeconds: 1e999}\n`, /1e999|number|infin/i],
    ["depth", `${head}spec: ${"[".repeat(5000)}${"]".repeat(5000)}\n`, /deep/],
    ["JSON of depth a million", `{"a":${"[".repeat(1_000_000)}`, /deep/],
    ["60,000 keys", `${head}  annotations:\n${manyKeys}spec: 7\n`, /spec|values/],
    ["5 MB", `${head}  annotations: {big: "${"x".repeat(5_000_000)}"}\n`, /bytes/],
    ["a tag that builds something", `${head}spec: !!js/function "() => 1"\n`, /./],
    ["a control character", `${head}  namespace: "\\e[2Jx"\n`, /namespace/],
    ["no YAML", "{[}", /./],
    ["a scalar", "hello\n", /./],
    ["nothing", "", /no objects/],
  ])("%s", async (_, manifest, words) => {
    const { code, out, err } = await berth(manifest);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(words);
    expect(err.length).toBeLessThan(4000);
    expect(err).not.toMatch(/\n\s+at /);
    expect(err).not.toContain("\u001b[2J");
    await expectNothingWritten();
  });
});

describe("agents that lie, and noise where agents and masters listen", () => {
  const uid = "00000000-0000-4000-8000-000000000000";
  const registration = {
    agentVersion: "0",
    bootId: "boot",
    instance: "ghost",
    hostname: "ghost",
    addresses: [],
    labels: {},
    capacity: { cpuMilli: 1000, memoryBytes: 1e9, pods: 10 },
    runtime: { name: "process", version: "1" },
    os: { platform: "linux", arch: "x64", kernel: "6" },
  };
  const publish = (subject: string, value: unknown): void => nats.publish(subject, encode(value));
  /** Waits until the leader has handled what was published before: it answers in order. */
  const settled = async (): Promise<void> => {
    await nats.flush();
    await cluster.client.status();
  };

  test("registrations that are wrong are not answered with a session", async () => {
    const wrong: [string, unknown][] = [
      [
        "register",
        {
          version: 1,
          registration: { ...registration, capacity: { cpuMilli: -1, memoryBytes: 1, pods: 1 } },
          pods: [],
        },
      ],
      [
        "register",
        { version: 1, registration: { ...registration, labels: { "bad key": "x" } }, pods: "all" },
      ],
      ["register", { version: 2, registration, pods: [] }],
      ["register", { version: 1, registration, pods: Array.from({ length: 100_000 }, () => uid) }],
    ];
    for (const [, body] of wrong) publish(nodeSubject(prefix, "ghost" as NodeName, "register"), body);
    for (const name of ["Bad_Name", "a*", "", "x".repeat(300)]) {
      publish(`berth.node.${encodeURIComponent(name).replaceAll("*", "%2A") || "%"}.register`, {
        version: 1,
        registration,
        pods: [],
      });
    }
    await settled();
    expect((await cluster.client.list("Node")).map(({ metadata }) => metadata.name)).toEqual([node]);
    await expectNothingWritten();
  });

  test("words of a session that nobody opened change nothing", async () => {
    await cluster.client.apply(
      webPod("victim", { metadata: { name: "victim", namespace: "default", labels: { app: "victim" } } }),
    );
    const [victim] = await cluster.waitReady("app=victim", 1);
    const pods = [{ uid: victim?.metadata.uid, status: { phase: "Failed" }, gone: true }];
    const nodeStatus = { conditions: [{ type: "Ready", status: "False" }] };
    const said = { version: 1, session: uid };
    publish(nodeSubject(prefix, node, "status"), { ...said, number: 9_000_000, pods, node: nodeStatus });
    publish(nodeSubject(prefix, node, "sync"), { ...said, reason: "give me everything" });
    publish(nodeSubject(prefix, node, "endpoints-ack"), { ...said, position: 2 ** 52 });
    await settled();
    const found = await cluster.client.get("Pod", "victim", { namespace: "default" });
    expect(found.status?.phase).toBe("Running");
    expect((await cluster.client.get("Node", node)).status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Ready", status: "True" }),
    );
    await cluster.client.delete("Pod", "victim", { namespace: "default" });
  });

  test("a node may report only pods of its own", async () => {
    await cluster.client.cordon(node);
    await cluster.client.uncordon(node);
    await cluster.client.apply(
      webPod("victim", { metadata: { name: "victim", namespace: "default", labels: { app: "victim" } } }),
    );
    const [victim] = await cluster.waitReady("app=victim", 1);
    const ghost = "ghost" as NodeName;
    const reply = await nats.request(
      nodeSubject(prefix, ghost, "register"),
      encode({ version: 1, registration, pods: [] }),
      {
        timeout: 15_000,
      },
    );
    const opened = unwrap(decode(reply.data)) as { readonly ok: boolean; readonly session: string };
    expect(opened.ok).toBe(true);
    const { session } = opened;
    const pods = [{ uid: victim?.metadata.uid, status: { phase: "Failed" }, gone: true }];
    publish(nodeSubject(prefix, ghost, "status"), { version: 1, session, number: 1, pods });
    publish(nodeSubject(prefix, node, "status"), { version: 1, session, number: 1, pods });
    publish(nodeSubject(prefix, ghost, "status"), {
      version: 1,
      session,
      number: 2,
      pods: Array.from({ length: 50_000 }, () => pods[0]),
    });
    await settled();
    const found = await cluster.client.get("Pod", "victim", { namespace: "default" });
    expect(found.status?.phase).toBe("Running");
    await cluster.client.delete("Pod", "victim", { namespace: "default" });
    await cluster.client.delete("Node", ghost);
    await eventually(async () =>
      expect((await cluster.client.list("Node")).map(({ metadata }) => metadata.name)).toEqual([node]),
    );
  });

  test("garbage on every subject", async () => {
    const subjects = [
      ...nodeMessages.map((name) => nodeSubject(prefix, node, name)),
      ...nodeMessages.map((name) => nodeSubject(prefix, "nobody" as NodeName, name)),
      ...agentMessages.map((name) => agentSubject(prefix, node, name)),
      ...masterMessages.map((name) => masterSubject(prefix, name)),
      endpointsSubject(prefix, "default", "web"),
      streamSubject(prefix, "admin", "x", "in"),
      streamSubject(prefix, node, "x", "out"),
      "berth.node.n1.nosuchmessage",
      "berth.node.%ZZ.status",
      "berth.agent.n1.nosuchmessage",
      "berth.master.nosuchmessage",
    ];
    const bodies = [
      text(""),
      text("{"),
      text("null"),
      encode({ version: 1 }),
      encode({ version: 9 }),
      encode([]),
      Buffer.concat([Buffer.alloc(5000, 0x81), Buffer.from([0xc0])]),
      Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]),
      randomBytes(100_000),
    ];
    for (const subject of subjects) {
      for (const body of bodies) {
        nats.publish(subject, body);
        nats.publish(subject, body, { reply: "nobody.listens.here" });
      }
    }
    await settled();
    await expectNothingWritten();
  });

  test("forged assignments and endpoints are refused or mended by the next true word", async () => {
    const point = { logId: uid, epoch: 1, position: 2 ** 40 };
    const said = { version: 1, session: uid, digest: 0, services: 0 };
    publish(agentSubject(prefix, node, "assign"), { ...said, ...point, to: 2 ** 40, kind: "full", pods: [] });
    publish(agentSubject(prefix, node, "superseded"), { version: 1, session: uid, by: uid });
    const service = {
      namespace: "default",
      name: "web",
      uid,
      clusterIP: "127.85.0.9",
      ports: [],
      endpoints: [],
    };
    for (const epoch of [0, 1, 2 ** 40]) {
      const forged = { version: 1, logId: uid, epoch, from: 0, to: 2 ** 40, type: "service", service };
      publish(endpointsSubject(prefix, "default", "web"), forged);
    }
    publish(masterSubject(prefix, "beat"), {
      version: 1,
      master: "evil",
      epoch: 2 ** 40,
      logId: uid,
      position: 1,
      at: 0,
    });
    await settled();
  });

  test("what no master wrote into the log is skipped, also by a master that starts", async () => {
    const junk = [
      text("hello"),
      text(""),
      randomBytes(2000),
      encode({ version: 1, epoch: 2 ** 40, previous: 0, events: [] }),
    ];
    for (const body of junk) nats.publish(logSubject(prefix), body);
    await nats.flush();
    await cluster.client.apply(webPod("after"));
    await cluster.client.delete("Pod", "after", { namespace: "default", gracePeriodSeconds: 0 });
    const { log } = await cluster.client.status();
    expect(log.skippedCommits).toBe(junk.length);
    await cluster.terminate("master-1");
    cluster.processes.restart("master-1");
    await eventually(async () =>
      expect((await cluster.client.status()).log.skippedCommits).toBe(junk.length),
    );
    before = { ...before, epoch: (await cluster.client.status()).epoch };
  });
});

test("a flood of refused requests leaves no queue behind", async () => {
  const body = encode({ version: 1, object: webPod("other") });
  const answers = await Promise.all(Array.from({ length: 2000 }, () => send(api("apply", "bad"), body)));
  expect(new Set(answers.map(codeOf))).toEqual(new Set(["BadRequest"]));
  await expectNothingWritten();
});
