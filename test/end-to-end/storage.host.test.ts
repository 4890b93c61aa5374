// Storage on Docker, on a host of its own: also volumes of the engine, and what a group and a trap of links get.

import { execFileSync } from "node:child_process";
import Docker from "dockerode";
import { expect, test } from "vitest";
import type { StorageClass } from "../../protocol/mod.ts";
import { eventually } from "../support/cluster.ts";
import { importBusybox } from "../support/images.ts";
import { describeStorageScenario, type StorageBench } from "./storage-scenario.ts";

const docker = (...args: string[]): string => execFileSync("docker", args).toString().trim();
const engineClass = (name: string, parameters: Readonly<Record<string, string>>): StorageClass => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner: "berth.io/docker-volume",
  parameters: { ...parameters },
  volumeBindingMode: "WaitForFirstConsumer",
});

function onDocker({ cluster, claim, pod, run, remove, volumeOf }: StorageBench): void {
  const start = async (name: string, storageClass: string): Promise<string> => {
    await cluster().client.apply(claim(name, { storageClassName: storageClass }));
    await cluster().client.apply(pod(name, name));
    await cluster().waitReady(`app=${name}`, 1);
    return volumeOf(name);
  };

  test("the engine's volume drivers make volumes, and their data goes with the claim", async () => {
    await cluster().client.apply(engineClass("engine", {}));
    const volume = await start("engine", "engine");
    await run("engine", "echo kept > /data/file");
    expect(docker("volume", "inspect", "--format", "{{.Driver}}", volume)).toBe("local");
    await remove("Pod", "engine");
    await cluster().client.apply(pod("engine", "engine"));
    await cluster().waitReady("app=engine", 1);
    expect(await run("engine", "cat /data/file")).toBe("kept");
    await remove("Pod", "engine");
    await remove("PersistentVolumeClaim", "engine");
    await eventually(async () => expect(docker("volume", "ls", "--quiet")).not.toContain(volume));
  });

  test("a driver's options are its class's parameters", async () => {
    await cluster().client.apply(
      engineClass("memory", { driver: "local", type: "tmpfs", device: "tmpfs", o: "size=1m" }),
    );
    await start("memory", "memory");
    expect(await run("memory", "mount | grep ' /data '")).toContain("tmpfs");
    await remove("Pod", "memory");
    await remove("PersistentVolumeClaim", "memory");
  });

  test("fsGroup may write what is in a claim already, and what is made later belongs to it", async () => {
    await cluster().client.apply(claim("shared"));
    await cluster().client.apply(pod("first", "shared"));
    await cluster().waitReady("app=first", 1);
    await run(
      "first",
      "mkdir -m 700 /data/inner && echo old > /data/inner/file && chmod 600 /data/inner/file",
    );
    await remove("Pod", "first");
    const securityContext = { runAsUser: 1234, runAsGroup: 1234, fsGroup: 4321 };
    await cluster().client.apply(pod("second", "shared", { securityContext }));
    await cluster().waitReady("app=second", 1);
    expect(
      await run(
        "second",
        "cat /data/inner/file && echo new > /data/inner/more && stat -c %g /data/inner/more",
      ),
    ).toBe("old\n4321");
    await remove("Pod", "second");
    await remove("PersistentVolumeClaim", "shared");
  });

  test("a link that a pod left in a claim leads no subPath out of it", async () => {
    await cluster().client.apply(claim("trap"));
    await cluster().client.apply(pod("layer", "trap"));
    await cluster().waitReady("app=layer", 1);
    await run("layer", "ln -s /etc /data/out && ln -s ../.. /data/up");
    await remove("Pod", "layer");
    for (const subPath of ["out", "up"]) {
      const name = `into-${subPath}`;
      const trapped = pod(name, "trap");
      const containers = (trapped.spec?.containers ?? []).map((container) => ({
        ...container,
        volumeMounts: [{ name: "data", mountPath: "/data", subPath }],
      }));
      await cluster().client.apply(pod(name, "trap", { containers }));
      await eventually(async () => {
        const { status } = await cluster().client.get("Pod", name, { namespace: "default" });
        expect(JSON.stringify(status)).toContain("leads out of its volume");
      });
      await remove("Pod", name);
    }
  });
}

describeStorageScenario({
  runtime: "docker",
  octet: 168,
  prepare: () => importBusybox(new Docker()),
  more: onDocker,
});
