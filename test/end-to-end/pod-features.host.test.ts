// What pods share and may do on Docker: namespaces, the hosts file, groups, memory.

import { readlink } from "node:fs/promises";
import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Container, Pod, PodSpec } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { importBusybox } from "../support/images.ts";

const namespace = "default";
const forever = ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"];
let cluster: TestCluster;
let image = "";

beforeAll(async () => {
  image = await importBusybox(new Docker());
  cluster = await startTestCluster({ runtime: "docker", nodes: 1, octet: 162 });
});
afterAll(async () => {
  await cluster?.stop();
});

const container = (fields: Partial<Container> = {}): Container => ({
  name: "main",
  image,
  imagePullPolicy: "IfNotPresent",
  command: forever,
  ...fields,
});
const pod = (name: string, spec: Partial<PodSpec>): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: name } },
  spec: { terminationGracePeriodSeconds: 1, containers: [container()], ...spec },
});
async function start(name: string, spec: Partial<PodSpec>): Promise<void> {
  const { warnings } = await cluster.client.apply(pod(name, spec));
  expect(warnings).toEqual([]);
  await cluster.waitReady(`app=${name}`, 1);
}
const sh = async (name: string, script: string): Promise<string> =>
  (await cluster.client.run(name, ["sh", "-c", script], { namespace, container: "main" })).stdout.trim();

test("containers that share a process namespace see each other", async () => {
  const side = container({ name: "side", command: ["sh", "-c", "exec sleep 12345"] });
  await start("apart", { containers: [container(), side] });
  expect(await sh("apart", "ps | grep -c '[s]leep 12345'")).toBe("0");
  await start("shared", { containers: [container(), side], shareProcessNamespace: true });
  expect(await sh("shared", "ps | grep -c '[s]leep 12345'")).toBe("1");
});

test("a pod in the host's process and IPC namespaces", async () => {
  await start("host", { hostPID: true, hostIPC: true });
  const inode = (name: string): Promise<string> => sh("host", `readlink /proc/self/ns/${name}`);
  expect(await inode("pid")).toBe(await readlink("/proc/self/ns/pid"));
  expect(await inode("ipc")).toBe(await readlink("/proc/self/ns/ipc"));
});

test("host aliases stand in the hosts file", async () => {
  await start("aliases", { hostAliases: [{ ip: "192.0.2.7", hostnames: ["db", "db.local"] }] });
  expect(await sh("aliases", "grep -c '192.0.2.7.*db' /etc/hosts")).toBe("2");
});

test("kernel settings, system calls and /proc as the pod's security context has them", async () => {
  await start("kernel", {
    securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "80" }] },
    containers: [
      container({ securityContext: { seccompProfile: { type: "Unconfined" }, procMount: "Unmasked" } }),
      container({ name: "plain", securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
    ],
  });
  expect(await sh("kernel", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).toBe("80");
  const seccomp = "grep Seccomp: /proc/self/status | tr -d '\\t'";
  const masked = "grep -c ' /proc/keys ' /proc/mounts";
  expect(await sh("kernel", `${seccomp}; ${masked}`)).toBe("Seccomp:0\n0");
  const plain = { namespace, container: "plain" };
  const { stdout } = await cluster.client.run("kernel", ["sh", "-c", `${seccomp}; ${masked}`], plain);
  expect(stdout.trim()).toBe("Seccomp:2\n1");
});

test("groups reach the process, and the files of its volumes", async () => {
  await start("groups", {
    securityContext: { runAsUser: 1234, runAsGroup: 1234, supplementalGroups: [4001], fsGroup: 4002 },
    volumes: [{ name: "data", emptyDir: {} }],
    containers: [
      container({
        volumeMounts: [{ name: "data", mountPath: "/data" }],
        securityContext: { allowPrivilegeEscalation: false },
      }),
    ],
  });
  expect((await sh("groups", "id -G")).split(" ").toSorted()).toEqual(["1234", "4001", "4002"]);
  expect(await sh("groups", "touch /data/file; stat -c %g /data/file")).toBe("4002");
  expect(await sh("groups", "grep NoNewPrivs /proc/self/status | tr -d '\\t'")).toBe("NoNewPrivs:1");
});

test("a volume in memory has the size that it was given", async () => {
  await start("memory", {
    volumes: [{ name: "fast", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }],
    containers: [container({ volumeMounts: [{ name: "fast", mountPath: "/fast" }] })],
  });
  expect(await sh("memory", "df -k /fast | tail -1 | awk '{print $1, $2}'")).toBe("tmpfs 1024");
});

test("a container that takes more memory than its limit is told to have been killed for it", async () => {
  const hungry = container({
    command: ["sh", "-c", "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done"],
    resources: { limits: { memory: "16Mi", cpu: "1" } },
  });
  await cluster.client.apply(pod("hungry", { restartPolicy: "Never", containers: [hungry] }));
  await eventually(async () => {
    const { status } = await cluster.client.get("Pod", "hungry", { namespace });
    expect(status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      reason: "OOMKilled",
      exitCode: 137,
    });
    expect(status?.qosClass).toBe("Guaranteed");
  });
  const story = await cluster.client.why("Pod", "hungry", { namespace });
  expect(story.text).toContain(
    "container main ended with code 137 (OOMKilled: it took more memory than its limit of 16Mi)",
  );
});
