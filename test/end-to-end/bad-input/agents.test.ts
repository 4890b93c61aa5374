// Agents that lie, noise on agents' and masters' subjects, and junk in the log itself.

import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  agentMessages,
  agentSubject,
  decode,
  encode,
  endpointsSubject,
  logSubject,
  masterMessages,
  masterSubject,
  nodeMessages,
  type NodeName,
  nodeSubject,
  streamSubject,
  unwrap,
} from "../../../protocol/mod.ts";
import { eventually } from "../../support/cluster.ts";
import { hostileCluster, node, prefix, text, webPod } from "./hostile-cluster.ts";

const hostile = hostileCluster(218);

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
  const publish = (subject: string, value: unknown): void => hostile.nats.publish(subject, encode(value));
  /** Waits until the leader has handled what was published before: it answers in order. */
  const settled = async (): Promise<void> => {
    await hostile.nats.flush();
    await hostile.cluster.client.status();
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
    expect((await hostile.cluster.client.list("Node")).map(({ metadata }) => metadata.name)).toEqual([node]);
    await hostile.expectNothingWritten();
  });

  test("words of a session that nobody opened change nothing", async () => {
    await hostile.cluster.client.apply(
      webPod("victim", { metadata: { name: "victim", namespace: "default", labels: { app: "victim" } } }),
    );
    const [victim] = await hostile.cluster.waitReady("app=victim", 1);
    const pods = [{ uid: victim?.metadata.uid, status: { phase: "Failed" }, gone: true }];
    const nodeStatus = { conditions: [{ type: "Ready", status: "False" }] };
    const said = { version: 1, session: uid };
    publish(nodeSubject(prefix, node, "status"), { ...said, number: 9_000_000, pods, node: nodeStatus });
    publish(nodeSubject(prefix, node, "sync"), { ...said, reason: "give me everything" });
    publish(nodeSubject(prefix, node, "endpoints-ack"), { ...said, position: 2 ** 52 });
    await settled();
    const found = await hostile.cluster.client.get("Pod", "victim", { namespace: "default" });
    expect(found.status?.phase).toBe("Running");
    expect((await hostile.cluster.client.get("Node", node)).status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Ready", status: "True" }),
    );
    await hostile.cluster.client.delete("Pod", "victim", { namespace: "default" });
  });

  test("a node may report only pods of its own", async () => {
    await hostile.cluster.client.cordon(node);
    await hostile.cluster.client.uncordon(node);
    await hostile.cluster.client.apply(
      webPod("victim", { metadata: { name: "victim", namespace: "default", labels: { app: "victim" } } }),
    );
    const [victim] = await hostile.cluster.waitReady("app=victim", 1);
    const ghost = "ghost" as NodeName;
    const reply = await hostile.nats.request(
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
    const found = await hostile.cluster.client.get("Pod", "victim", { namespace: "default" });
    expect(found.status?.phase).toBe("Running");
    await hostile.cluster.client.delete("Pod", "victim", { namespace: "default" });
    await hostile.cluster.client.delete("Node", ghost);
    await eventually(async () =>
      expect((await hostile.cluster.client.list("Node")).map(({ metadata }) => metadata.name)).toEqual([
        node,
      ]),
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
        hostile.nats.publish(subject, body);
        hostile.nats.publish(subject, body, { reply: "nobody.listens.here" });
      }
    }
    await settled();
    await hostile.expectNothingWritten();
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
    for (const body of junk) hostile.nats.publish(logSubject(prefix), body);
    await hostile.nats.flush();
    await hostile.cluster.client.apply(webPod("after"));
    await hostile.cluster.client.delete("Pod", "after", { namespace: "default", gracePeriodSeconds: 0 });
    const { log } = await hostile.cluster.client.status();
    expect(log.skippedCommits).toBe(junk.length);
    await hostile.cluster.terminate("master-1");
    hostile.cluster.processes.restart("master-1");
    await eventually(async () =>
      expect((await hostile.cluster.client.status()).log.skippedCommits).toBe(junk.length),
    );
    await hostile.remember();
  });
});
