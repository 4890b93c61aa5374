// describe, events, why, status, explain, decode, version, api-resources, completion.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { answer, type Script, type ScriptedApi } from "../../client/testkit/scripted-api.ts";
import { startAt } from "../../client/testkit/scripted-cluster.ts";
import {
  type BerthEvent,
  type ClusterStatus,
  encode,
  encodeJson,
  type Epoch,
  type LogId,
  type NodeName,
  type Position,
  type Positioned,
  type Sequence,
  type Uid,
  type WhyNode,
} from "../../protocol/mod.ts";
import { holding, storedController, storedNode, storedPod } from "../testkit/objects.ts";
import { terminal } from "../testkit/terminal.ts";

const at = (position: number): Position => position as Position;
const object = { kind: "Pod", namespace: "default", name: "web", uid: "uid-web" as Uid };
const bound: BerthEvent = {
  type: "PodBound",
  version: 1,
  at: startAt - 65_000,
  by: "scheduler",
  cause: at(7),
  object,
  node: "n1" as NodeName,
};
const positioned = (event: BerthEvent, position: number): Positioned => ({
  ...event,
  position: at(position),
});

const status: ClusterStatus = {
  version: "0.1.0",
  prefix: "berth",
  logId: "log1" as LogId,
  epoch: 3 as Epoch,
  leader: "m1",
  masters: [{ id: "m1", leader: true, position: at(42), version: "0.1.0", startedAt: startAt - 90_000 }],
  nodes: [
    {
      name: "n1",
      state: "Ready",
      lastSeenMs: 400,
      pods: 2,
      runtime: "process",
      agentVersion: "0.1.0",
      inSync: true,
    },
  ],
  log: {
    stream: "BERTH_LOG",
    firstSequence: 1,
    lastSequence: 20,
    bytes: 4096,
    replicas: 1,
    events: at(42),
    skippedCommits: 0,
    since: startAt - 3_600_000,
  },
  nats: { version: "2.15.1", url: "nats://127.0.0.1:4222" },
  notices: ["n2 is silent"],
};
const story: WhyNode = {
  text: "pod web runs on n1",
  children: [
    {
      event: positioned(bound, 8),
      text: "bound to n1",
      at: bound.at,
      children: [{ text: "user:admin asked for it", children: [] }],
    },
    { text: "and one more", children: [] },
  ],
};

const cluster =
  (api: ScriptedApi): Script =>
  (asked) => {
    const { target, request } = asked;
    if (target.subresource === "why") return answer(42, { type: "why", story });
    if (target.resource === "status") return answer(42, { type: "status", status });
    if (target.resource === "events") {
      const events = (request.events?.since ?? 0) < 8 ? [positioned(bound, 8)] : [];
      return answer(42, { type: "events", events });
    }
    return holding([
      storedPod("web", {
        spec: { nodeName: "n1", containers: [{ name: "web", image: "web:1", args: ["one\ntwo\n"] }] },
      }),
      storedNode("n1"),
      storedController("web", 1),
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "web", namespace: "default" },
        spec: { clusterIP: "10.0.0.9", ports: [{ port: 80, targetPort: "http" }] },
      },
      {
        apiVersion: "v1",
        kind: "Endpoints",
        metadata: { name: "web", namespace: "default" },
        subsets: [{ addresses: [{ ip: "10.1.0.1" }], ports: [{ port: 8080 }] }],
      },
    ])(api)(asked);
  };

describe("describe", () => {
  test("a pod, with its containers and events", async () => {
    const { run, out } = terminal(cluster);
    expect(await run(["describe", "pod", "web"])).toBe(0);
    expect(out()).toMatch(/^Name: +web\nNamespace: +default\n/);
    expect(out()).toMatch(/\nContainers:\n  web:\n    Image: +web:1\n/);
    expect(out()).toMatch(/Args: +one … \(1 more lines\)/);
    expect(out()).toMatch(
      /\nEvents:\n  Type +Age +From +Message\n  ---- +--- +---- +-------\n  PodBound +65s +scheduler +bound to n1\n$/,
    );
  });
  test.each([
    ["node/n1", /Pods \(1 in total\):\n +Namespace +Name/],
    ["rc/web", /Replicas: +1 current \/ 1 desired/],
    ["svc/web", /TargetPort: +http\/TCP\n[^]*Endpoints: +10\.1\.0\.1:8080/],
    ["ep/web", /Addresses: +10\.1\.0\.1/],
    ["ns/default", /Status: +Active/],
  ])("%s", async (what, expected) => {
    const { run, out } = terminal(cluster);
    expect(await run(["describe", what])).toBe(0);
    expect(out()).toMatch(expected);
  });
  test("what is not there", async () => {
    const { run, err } = terminal(cluster);
    expect([await run(["describe", "pod", "nope"]), err()]).toEqual([
      1,
      'Error from server (NotFound): pods "nope" not found\n',
    ]);
  });
});

describe("events", () => {
  test("oldest first, with ages and who did it", async () => {
    const { run, out, api } = terminal(cluster);
    expect(await run(["events", "--for", "pod/web"])).toBe(0);
    expect(out()).toBe(
      "AGE   TYPE       OBJECT    BY          MESSAGE\n65s   PodBound   pod/web   scheduler   bound to n1\n",
    );
    expect(api.asked[0]).toMatchObject({
      target: { group: "berth", resource: "events", namespace: "default" },
      request: { events: { kind: "Pod", name: "web", newestFirst: true } },
    });
  });
  test("-A and -o wide add columns; -o json gives a line for each", async () => {
    const wide = terminal(cluster);
    await wide.run(["events", "-A", "-o", "wide"]);
    expect(wide.out()).toMatch(/^POSITION +NAMESPACE +AGE/);
    const json = terminal(cluster);
    await json.run(["events", "-o", "json"]);
    expect(JSON.parse(json.out())).toMatchObject({ type: "PodBound", position: 8 });
  });
  test("-w goes on with what happens, each event once", async () => {
    let latest = 8;
    const { start, out, world, interrupt } = terminal(() => ({ request }) => {
      const since = request.events?.since ?? 0;
      const events = [8, 9]
        .filter((position) => position > since && position <= latest)
        .map((position) => positioned(bound, position));
      return answer(latest, { type: "events", events });
    });
    const code = start(["events", "-w", "--no-headers"]);
    await world.advance(5000);
    expect(out().split("\n")).toHaveLength(2);
    latest = 9;
    await world.advance(5000);
    expect(out().split("\n")).toHaveLength(3);
    interrupt();
    await world.settle();
    expect(await code).toBe(130);
  });
});

test("why draws the tree of causes", async () => {
  const { run, out } = terminal(cluster);
  expect(await run(["why", "pod", "web"])).toBe(0);
  expect(out()).toBe(
    "pod web runs on n1\n├─ 65s ago  bound to n1  @8\n│  └─ user:admin asked for it\n└─ and one more\n",
  );
});

test("status shows masters, nodes, the log and what needs a person", async () => {
  const { run, out } = terminal(cluster);
  expect(await run(["status"])).toBe(0);
  expect(out()).toBe(
    [
      "Cluster berth, Berth 0.1.0, led by m1 (epoch 3)",
      "NATS 2.15.1 at nats://127.0.0.1:4222",
      "",
      "Masters",
      "  MASTER   ROLE     POSITION   VERSION   UP",
      "  m1       leader   42         0.1.0     90s",
      "",
      "Nodes",
      "  NODE   STATE   PODS   RUNTIME   AGENT   SEEN     IN SYNC",
      "  n1     Ready   2      process   0.1.0   0s ago   yes",
      "",
      "Log",
      "  BERTH_LOG (log1): 42 events, 4.0 KiB, 1 replica",
      "  messages 1 to 20, history since 60m ago",
      "",
      "Notices",
      "  ! n2 is silent",
      "",
    ].join("\n"),
  );
});

describe("decode", () => {
  const commit = {
    version: 1,
    epoch: 3 as Epoch,
    previous: 9 as Sequence,
    firstPosition: at(8),
    events: [bound],
  };
  test("a commit, event by event", async () => {
    const { run, out } = terminal(cluster, { stdin: encode(commit) });
    expect(await run(["decode"])).toBe(0);
    expect(out()).toBe(
      "commit of epoch 3 after message 9, positions 8 to 8\n" +
        "  8 2026-01-01T00:58:55.000Z PodBound v1 by scheduler (because of position 7)\n" +
        "    bound to n1\n" +
        '    {"object":{"kind":"Pod","namespace":"default","name":"web","uid":"uid-web"},"node":"n1"}\n',
    );
  });
  test.each([
    [
      "msgpack",
      encode({ type: "data", data: Buffer.from("hello\n") }),
      '{\n  "type": "data",\n  "data": "hello\\n"\n}\n',
    ],
    ["bytes that are no text", encode({ data: Buffer.from([255, 254]) }), '{\n  "data": "base64://4="\n}\n'],
    ["JSON", encodeJson({ a: 1 }), '{\n  "a": 1\n}\n'],
    ["an empty body", new Uint8Array(), ""],
  ])("%s", async (_name, stdin, text) => {
    const { run, out } = terminal(cluster, { stdin });
    expect([await run(["decode"]), out()]).toEqual([0, text]);
  });
  test("what is neither is an error", async () => {
    const { run, err } = terminal(cluster, { stdin: Buffer.from([0xc1, 0xc1]) });
    expect(await run(["decode"])).toBe(1);
    expect(err()).toContain("not plain msgpack");
  });
});

test("explain shows a field's type, text and parts", async () => {
  // Started and not run: loading the texts takes real time, which a virtual world does not wait for.
  const { start, out, err } = terminal(cluster);
  expect(await start(["explain", "pod.spec.containers"])).toBe(0);
  expect(out()).toMatch(
    /^KIND: +Pod\nVERSION: +v1\nFIELD: +spec\.containers <\[\]Container> -required-\n\nDESCRIPTION:\n/,
  );
  expect(out()).toMatch(/\nFIELDS:\n[^]*  image\t<string>\n/);
  expect(await start(["explain", "pod.nope"])).toBe(1);
  expect(err()).toContain('has no field "nope"');
});

describe("about the program", () => {
  test("version asks the cluster too", async () => {
    const { run, out } = terminal(cluster);
    expect(await run(["version"])).toBe(0);
    expect(out()).toBe("Client: 1.2.3\nMaster: 0.1.0 (m1, leader)\nNATS: 2.15.1\n");
    const alone = terminal(cluster);
    await alone.run(["version", "--client"]);
    expect([alone.out(), alone.connected]).toEqual(["Client: 1.2.3\n", []]);
  });
  test("api-resources lists the kinds without a cluster", async () => {
    const { run, out, connected } = terminal(cluster);
    expect(await run(["api-resources"])).toBe(0);
    expect(out()).toMatch(/\nreplicasets +rs +apps\/v1 +true +ReplicaSet\n/);
    expect(connected).toEqual([]);
  });
  test("help and --version exit with 0, nothing at all is told what there is", async () => {
    const { run, out } = terminal(cluster);
    expect([await run(["--help"]), await run(["get", "--help"]), await run(["--version"])]).toEqual([
      0, 0, 0,
    ]);
    expect(out()).toContain("Usage: berth get");
    expect(out()).toContain("1.2.3\n");
  });
  test("completion works in bash", async () => {
    const { run, out } = terminal(cluster);
    expect(await run(["completion", "bash"])).toBe(0);
    const complete = (...words: string[]): string[] => {
      const list = words.map((word) => `'${word}'`).join(" ");
      const stub = "berth() { echo pod/web-1; echo pod/web-2; }";
      const script = `${out()}\n${stub}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _berth; echo "\${COMPREPLY[@]}"`;
      return spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim().split(" ").filter(Boolean);
    };
    expect(complete("berth", "des")).toEqual(["describe"]);
    expect(complete("berth", "get", "replicas")).toEqual(["replicasets", "replicaset"]);
    expect(complete("berth", "logs", "web")).toEqual(["web-1", "web-2"]);
    expect(complete("berth", "get", "pods", "web-2")).toEqual(["web-2"]);
    expect(complete("berth", "apply", "--fi")).toEqual(["--filename", "--field-manager"]);
    const zsh = terminal(cluster);
    await zsh.run(["completion", "zsh"]);
    expect(zsh.out()).toMatch(/^autoload -U \+X compinit/);
    expect(await zsh.run(["completion", "fish"])).toBe(2);
  });
});
