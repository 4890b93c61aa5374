// Data that outlives pods, agents and scaling, and is deleted or kept as its class says: the same on processes and on
// Docker.

import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PersistentVolumeClaim, Pod, PodSpec, StatefulSet, StorageClass } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";

export interface StorageScenario {
  readonly runtime: "docker" | "process";
  readonly octet: number;
  /** Answers an image with a shell and the usual small programs. */
  readonly prepare: () => Promise<string>;
  /** Further tests of this runtime alone. */
  readonly more?: (scenario: StorageBench) => void;
}

export interface StorageBench {
  readonly cluster: () => TestCluster;
  claim(name: string, spec?: Partial<NonNullable<PersistentVolumeClaim["spec"]>>): PersistentVolumeClaim;
  pod(name: string, claim: string, spec?: Partial<PodSpec>): Pod;
  run(pod: string, script: string): Promise<string>;
  remove(kind: "Pod" | "PersistentVolumeClaim" | "PersistentVolume", name: string): Promise<void>;
  volumeOf(claim: string): Promise<string>;
}

const namespace = "default";
const where = { namespace };
const meta = (name: string) => ({ name, namespace });

export function describeStorageScenario({ runtime, octet, prepare, more }: StorageScenario): void {
  let cluster: TestCluster;
  let image = "";

  const container = (): PodSpec["containers"][number] => ({
    name: "main",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"],
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  });
  const claimSpec: NonNullable<PersistentVolumeClaim["spec"]> = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Mi" } },
  };
  const claim: StorageBench["claim"] = (name, spec = {}) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: meta(name),
    spec: { ...claimSpec, ...spec },
  });
  const pod: StorageBench["pod"] = (name, claimName, spec = {}) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...meta(name), labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [container()],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
      ...spec,
    },
  });
  const set = (replicas: number): StatefulSet => ({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: meta("db"),
    spec: {
      replicas,
      serviceName: "db",
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: "db" } },
      template: {
        metadata: { labels: { app: "db" } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container()] },
      },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claimSpec }],
    },
  });

  const run: StorageBench["run"] = async (name, script) => {
    const { stdout, stderr, exitCode } = await cluster.client.run(name, ["sh", "-c", script], where);
    if (exitCode !== 0) throw new Error(`${script} in ${name}: ${exitCode} ${stderr}`);
    return stdout.trim();
  };
  const isGone = async (kind: "Pod" | "PersistentVolumeClaim" | "PersistentVolume", name: string) => {
    const found = await cluster.client.list(kind, kind === "PersistentVolume" ? {} : where);
    return !found.some(({ metadata }) => metadata.name === name);
  };
  const remove: StorageBench["remove"] = async (kind, name) => {
    await cluster.client.delete(kind, name, where);
    await eventually(async () => expect(await isGone(kind, name)).toBe(true));
  };
  const volumeOf: StorageBench["volumeOf"] = async (name) =>
    (await cluster.client.get("PersistentVolumeClaim", name, where)).spec?.volumeName ?? "";
  /** On any node. */
  const directoryOf = async (volume: string): Promise<string | undefined> => {
    for (const node of await readdir(cluster.directory)) {
      const path = join(cluster.directory, node, "claims", volume);
      if (await stat(path).catch(() => undefined)) return path;
    }
    return undefined;
  };
  const scale = async (replicas: number): Promise<void> => {
    await cluster.client.apply(set(replicas));
    await eventually(async () => {
      const pods = await cluster.client.list("Pod", { ...where, labelSelector: "app=db" });
      expect(pods).toHaveLength(replicas);
    });
    await cluster.waitReady("app=db", replicas);
  };

  beforeAll(async () => {
    image = await prepare();
    cluster = await startTestCluster({ runtime, nodes: 2, octet });
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  describe(`storage on the ${runtime} runtime`, () => {
    test("a new cluster has a default storage class", async () => {
      const [found, ...others] = await cluster.client.list("StorageClass");
      expect(others).toEqual([]);
      expect(found).toMatchObject({
        metadata: { name: "local" },
        provisioner: "berth.io/local",
        volumeBindingMode: "WaitForFirstConsumer",
        reclaimPolicy: "Delete",
      });
    });

    test("the data of a stateful set survives its pods, agents that are killed, and scaling down and up", async () => {
      await scale(2);
      for (const name of ["db-0", "db-1"]) await run(name, `echo ${name} was here > /data/who`);
      const volume = await volumeOf("data-db-1");
      const before = (await cluster.client.get("Pod", "db-1", where)).metadata.uid;

      await cluster.client.delete("Pod", "db-1", where);
      await eventually(async () => {
        const found = await cluster.client.get("Pod", "db-1", where);
        expect(found.metadata.uid).not.toBe(before);
      });
      await cluster.waitReady("app=db", 2);
      expect(await run("db-1", "cat /data/who")).toBe("db-1 was here");

      const { nodeName = "" } = (await cluster.client.get("Pod", "db-1", where)).spec ?? {};
      await cluster.kill(nodeName);
      cluster.processes.restart(nodeName);
      await cluster.waitReady("app=db", 2);
      await eventually(async () => expect(await run("db-1", "cat /data/who")).toBe("db-1 was here"));

      await scale(1);
      expect(await isGone("PersistentVolumeClaim", "data-db-1")).toBe(false);
      await scale(2);
      expect(await volumeOf("data-db-1")).toBe(volume);
      expect(await run("db-1", "cat /data/who")).toBe("db-1 was here");
      expect(await run("db-0", "cat /data/who")).toBe("db-0 was here");
    });

    test("a claim stays while its pod runs; then its data is deleted with it", async () => {
      await cluster.client.apply(claim("scratch"));
      await cluster.client.apply(pod("scratch", "scratch"));
      await cluster.waitReady("app=scratch", 1);
      await run("scratch", "mkdir /data/deep && echo bulk > /data/deep/file");
      const volume = await volumeOf("scratch");
      const directory = (await directoryOf(volume)) ?? "";
      expect(await readFile(join(directory, "deep", "file"), "utf8")).toBe("bulk\n");
      await cluster.client.delete("PersistentVolumeClaim", "scratch", where);
      const held = await cluster.client.get("PersistentVolumeClaim", "scratch", where);
      expect(held.metadata.deletionTimestamp).toBeDefined();
      expect(await run("scratch", "cat /data/deep/file")).toBe("bulk");
      await remove("Pod", "scratch");
      await eventually(async () => {
        expect(await isGone("PersistentVolumeClaim", "scratch")).toBe(true);
        expect(await isGone("PersistentVolume", volume)).toBe(true);
      });
      expect(await directoryOf(volume)).toBeUndefined();
    });

    test("Retain keeps the volume and its data", async () => {
      const kept: StorageClass = {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "kept" },
        provisioner: "berth.io/local",
        reclaimPolicy: "Retain",
        volumeBindingMode: "WaitForFirstConsumer",
      };
      await cluster.client.apply(kept);
      await cluster.client.apply(claim("kept", { storageClassName: "kept" }));
      await cluster.client.apply(pod("kept", "kept"));
      await cluster.waitReady("app=kept", 1);
      await run("kept", "echo precious > /data/file");
      const volume = await volumeOf("kept");
      await remove("Pod", "kept");
      await remove("PersistentVolumeClaim", "kept");
      await eventually(async () => {
        const found = await cluster.client.get("PersistentVolume", volume);
        expect(found.status?.phase).toBe("Released");
      });
      const directory = await directoryOf(volume);
      await remove("PersistentVolume", volume);
      expect(await readFile(join(directory ?? "", "file"), "utf8")).toBe("precious\n");
    });

    test("a pod without its claim waits, says why, and goes on with it", async () => {
      await cluster.client.apply(pod("early", "late"));
      const why = 'persistentvolumeclaim "late" not found';
      await eventually(async () => {
        const found = await cluster.client.get("Pod", "early", where);
        expect(JSON.stringify(found.status?.conditions)).toContain(why.replaceAll('"', '\\"'));
      });
      expect(JSON.stringify(await cluster.client.why("Pod", "early", where))).toContain("late");
      await cluster.client.apply(claim("late"));
      await cluster.waitReady("app=early", 1);
    });

    test("data that is gone from its node is not replaced by an empty directory", async () => {
      await cluster.client.apply(claim("gone"));
      await cluster.client.apply(pod("gone", "gone"));
      await cluster.waitReady("app=gone", 1);
      const volume = await volumeOf("gone");
      await eventually(async () => {
        const { metadata } = await cluster.client.get("PersistentVolume", volume);
        expect(metadata.annotations).toMatchObject({ "berth.io/has-data": "true" });
      });
      await remove("Pod", "gone");
      const directory = (await directoryOf(volume)) ?? "";
      await rename(directory, `${directory}-moved`);
      await cluster.client.apply(pod("gone", "gone"));
      await eventually(async () => {
        const found = await cluster.client.get("Pod", "gone", where);
        expect(found.spec?.nodeName).toBeDefined();
        expect(JSON.stringify(found.status)).toContain("is not on this node any more");
      });
      await rename(`${directory}-moved`, directory);
      await cluster.waitReady("app=gone", 1);
    });

    test("volumes made by hand: a path of the host, and a part of it", async () => {
      const path = join(cluster.directory, "by-hand");
      await mkdir(join(path, "part"), { recursive: true });
      await writeFile(join(path, "part", "file"), "there before");
      await cluster.client.apply({
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: "by-hand" },
        spec: {
          accessModes: ["ReadWriteMany"],
          capacity: { storage: "1Gi" },
          storageClassName: "",
          hostPath: { path, type: "Directory" },
        },
      });
      const spec = { accessModes: ["ReadWriteMany" as const], storageClassName: "" };
      await cluster.client.apply(claim("by-hand", spec));
      const parted = {
        ...container(),
        volumeMounts: [{ name: "data", mountPath: "/data", subPath: "part" }],
      };
      await cluster.client.apply(pod("by-hand", "by-hand", { containers: [parted] }));
      await cluster.waitReady("app=by-hand", 1);
      expect(await run("by-hand", "cat /data/file")).toBe("there before");
      await remove("Pod", "by-hand");
      await remove("PersistentVolumeClaim", "by-hand");
      expect(await readFile(join(path, "part", "file"), "utf8")).toBe("there before");
    });

    more?.({ cluster: () => cluster, claim, pod, run, remove, volumeOf });
  });
}
