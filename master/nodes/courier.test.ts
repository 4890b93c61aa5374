import { describe, expect, test } from "vitest";
import {
  type AssignMessage,
  assignmentDigest,
  type Epoch,
  type HeartbeatMessage,
  type LogId,
  type NodeName,
  type Position,
  type SessionId,
  type Uid,
} from "../../protocol/mod.ts";
import type { ClusterState, PodRow } from "../cluster/contract.ts";
import { createCourier } from "./courier.ts";

const node = "n1" as NodeName;
const session = 7 as SessionId;

/** The part of the state that a courier reads. */
class Pods {
  readonly rows = new Map<Uid, PodRow>();
  position = 10 as Position;

  put(name: string, assigned: number, where: string | undefined = node): void {
    const uid = name as Uid;
    const row: PodRow = {
      ref: { kind: "Pod", namespace: "default", name, uid },
      metadata: { name },
      spec: { containers: [] },
      group: name,
      status: { phase: "Pending" },
      ready: false,
      requests: { cpuMilli: 0, memoryBytes: 0, pods: 1 },
      hostPorts: [],
      createdAt: 0,
      position: assigned as Position,
      assigned: assigned as Position,
      ...(where !== undefined && { node: where as NodeName }),
    };
    this.rows.set(uid, row);
    this.position = Math.max(this.position, assigned) as Position;
  }

  state(): ClusterState {
    const part = {
      position: this.position,
      logId: "log" as LogId,
      epoch: 1 as Epoch,
      servicesPosition: 0 as Position,
      pod: (uid: Uid) => this.rows.get(uid),
      podsOnNode: (name: NodeName) => [...this.rows.values()].filter((row) => row.node === name),
      render: (_kind: string, _namespace: string | undefined, name: string) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
      }),
    };
    return part as Partial<ClusterState> as ClusterState;
  }

  beat(position: number, digest: number): HeartbeatMessage {
    return {
      version: 1,
      session,
      logId: "log" as LogId,
      epoch: 1 as Epoch,
      position: position as Position,
      digest,
      endpoints: 0 as Position,
      reported: 0,
    };
  }
}

const uids = (message: AssignMessage | undefined): string[] => message?.pods.map(({ uid }) => uid) ?? [];
const items = (pods: Pods) =>
  [...pods.rows.values()]
    .filter((row) => row.node === node)
    .map(({ ref, assigned }) => ({ uid: ref.uid, position: assigned }));

describe("a courier", () => {
  test("deltas name what changed, go on from each other, and carry the digest of the whole", () => {
    const pods = new Pods();
    const courier = createCourier(node, session);
    pods.put("a", 11);
    pods.put("b", 12);
    const full = courier.full(pods.state(), 0);
    expect([full.kind, full.to, uids(full)]).toEqual(["full", 12, ["a", "b"]]);
    pods.put("b", 13);
    pods.put("c", 14);
    pods.rows.delete("a" as Uid);
    const changed = ["a", "b", "c"] as Uid[];
    const delta = courier.delta(pods.state(), changed, 1);
    expect(delta).toMatchObject({ kind: "delta", from: 12, to: 14, removed: ["a"] });
    expect(uids(delta)).toEqual(["b", "c"]);
    expect(delta?.digest).toBe(assignmentDigest(items(pods)));
    expect(courier.delta(pods.state(), changed, 2)).toBeUndefined();
  });

  test("a pod that went to another node is removed", () => {
    const pods = new Pods();
    const courier = createCourier(node, session);
    pods.put("a", 11);
    courier.full(pods.state(), 0);
    pods.put("a", 12, "n2");
    expect(courier.delta(pods.state(), ["a" as Uid], 1)).toMatchObject({ removed: ["a"], pods: [] });
  });

  test("a different digest at the same position, or an agent left behind, is sent the whole", () => {
    const pods = new Pods();
    const courier = createCourier(node, session);
    pods.put("a", 11);
    const { digest } = courier.full(pods.state(), 0);
    expect(courier.heartbeat(pods.state(), pods.beat(11, digest), 1_500)).toBe(false);
    expect(courier.inSync).toBe(true);
    expect(courier.heartbeat(pods.state(), pods.beat(11, digest + 1), 1_600)).toBe(true);
    expect(courier.inSync).toBe(false);
    pods.put("b", 12);
    courier.delta(pods.state(), ["b" as Uid], 2_000);
    expect(courier.heartbeat(pods.state(), pods.beat(11, digest), 2_100)).toBe(false);
    expect(courier.heartbeat(pods.state(), pods.beat(11, digest), 4_100)).toBe(true);
  });

  test("after a claim an agent that has what it should is only gone on with", () => {
    const pods = new Pods();
    pods.put("a", 11);
    const digest = assignmentDigest(items(pods));
    const courier = createCourier(node, session);
    pods.position = 40 as Position;
    expect(courier.heartbeat(pods.state(), pods.beat(30, digest), 0)).toBe(false);
    pods.put("b", 41);
    expect(courier.delta(pods.state(), ["b" as Uid], 1)).toMatchObject({ kind: "delta", from: 30, to: 41 });
    const other = createCourier(node, session);
    expect(other.heartbeat(pods.state(), pods.beat(30, digest), 0)).toBe(true);
    const unknown = createCourier(node, session);
    expect(unknown.delta(pods.state(), ["b" as Uid], 0)?.kind).toBe("full");
  });
});
