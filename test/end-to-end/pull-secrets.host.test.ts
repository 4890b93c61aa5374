// Images of a registry that asks who is there: with the pod's pull secrets they come, without they say why not.

import Docker from "dockerode";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pod } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";
import { importBusybox } from "../support/images.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

const namespace = "default";
let cluster: TestCluster;
let registry: TestRegistry;

beforeAll(async () => {
  const docker = new Docker();
  const source = await importBusybox(docker);
  registry = await startRegistry(docker, source, { user: "puller", password: "s:e:cret" });
  cluster = await startTestCluster({ runtime: "docker", nodes: 1, octet: 170 });
});
afterAll(async () => {
  await cluster?.stop();
  await registry?.close();
});

const pod = (name: string, secret?: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    ...(secret !== undefined && { imagePullSecrets: [{ name: secret }] }),
    containers: [
      { name: "main", image: registry.image, imagePullPolicy: "Always", command: ["sleep", "1000"] },
    ],
  },
});
const pullSecret = (name: string, password: string) => {
  const auths = { [registry.server]: { auth: Buffer.from(`puller:${password}`).toString("base64") } };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
  } as const;
};
const waitingOf = async (name: string) =>
  (await cluster.client.get("Pod", name, { namespace })).status?.containerStatuses?.[0]?.state?.waiting;

test("without credentials, and with wrong ones, the pull is refused and tried ever more seldom", async () => {
  await cluster.client.apply(pullSecret("wrong", "guess"));
  await cluster.client.apply(pod("nobody"));
  await cluster.client.apply(pod("stranger", "wrong"));
  for (const name of ["nobody", "stranger"]) {
    await eventually(async () =>
      expect((await waitingOf(name))?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/),
    );
  }
  await eventually(async () => expect((await waitingOf("stranger"))?.reason).toBe("ImagePullBackOff"));
  const { message = "" } = (await waitingOf("stranger")) ?? {};
  expect(message).toContain(registry.image);
  expect(message).not.toContain("guess");
  expect(registry.refusals()).toBeGreaterThan(0);
});

test("with the right secret it comes, also when that is made later", async () => {
  await cluster.client.apply(pod("known", "right"));
  await eventually(async () => expect((await waitingOf("known"))?.reason).toMatch(/ImagePull/));
  await cluster.client.apply(pullSecret("right", "s:e:cret"));
  await cluster.waitReady("app=known", 1);
});
