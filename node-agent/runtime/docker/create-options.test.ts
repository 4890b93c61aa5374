import { describe, expect, it } from "vitest";
import type { Uid } from "../../../protocol/mod.ts";
import { testContainer, testSandbox } from "../../testkit/runtime-fixture.ts";
import type { SandboxSpec } from "../runtime.ts";
import { containerOptions, sandboxOptions } from "./create-options.ts";

const pod = { cluster: "c", node: "n", namespace: "default", name: "web-1", uid: "u-1" as Uid };
const sandbox = testSandbox({ pod, attempt: 2 });
const spec = testContainer({ attempt: 3 });
const place = { id: "pause-id", pod, attempt: 2 };

describe("what the engine is asked for", () => {
  it("names and labels everything after its pod", () => {
    expect(sandboxOptions(sandbox, "pause:1", "bridge")).toMatchObject({
      name: "berth_web-1_default_u-1_POD_2",
      Labels: {
        "io.berth.cluster": "c",
        "io.berth.node": "n",
        "io.berth.pod.uid": "u-1",
        "io.berth.kind": "sandbox",
      },
    });
    expect(containerOptions(place, spec)).toMatchObject({
      name: "berth_web-1_default_u-1_main_3_2",
      Labels: { "io.berth.container": "main", "io.berth.attempt": "3", "io.berth.sandbox": "pause-id" },
    });
    expect(containerOptions({ ...place, attempt: 0 }, spec).name).toBe("berth_web-1_default_u-1_main_3");
  });

  it("keeps the image's own command unless the spec has one", () => {
    expect(containerOptions(place, spec)).not.toHaveProperty("Entrypoint");
    expect(containerOptions(place, spec)).not.toHaveProperty("Cmd");
    expect(containerOptions(place, { ...spec, args: ["-v"] })).toMatchObject({ Cmd: ["-v"] });
    const both = containerOptions(place, { ...spec, command: ["run"], args: ["-v"] });
    expect(both).toMatchObject({ Entrypoint: ["run"], Cmd: ["-v"] });
  });

  it("filters the pause container's system calls where others reach its process", () => {
    const optionsOf = (change: Partial<SandboxSpec>) =>
      sandboxOptions({ ...sandbox, ...change }, "pause:1", "bridge").HostConfig?.SecurityOpt;
    expect(optionsOf({})).toEqual(["no-new-privileges", "seccomp=unconfined"]);
    expect(optionsOf({ sharedProcesses: true })).toEqual(["no-new-privileges"]);
    expect(optionsOf({ hostPid: true })).toEqual(["no-new-privileges"]);
  });

  it("asks for no network of the engine's where the agent makes it", () => {
    const spec = {
      ...sandbox,
      networkDirectory: "/pods/u-1/network",
      sysctls: { "net.core.somaxconn": "9" },
    };
    const own = { address: "172.17.128.7", sysctls: { "net.ipv6.conf.all.disable_ipv6": "1" } };
    const options = sandboxOptions(spec, "pause:1", own);
    expect(options).toMatchObject({
      NetworkDisabled: true,
      Labels: { "io.berth.address": "172.17.128.7", "io.berth.network.files": "/pods/u-1/network" },
      HostConfig: { NetworkMode: "none", Sysctls: { ...own.sysctls, ...spec.sysctls } },
    });
    expect(options.HostConfig).not.toHaveProperty("PortBindings");
    expect(sandboxOptions(spec, "pause:1", "bridge")).not.toHaveProperty("NetworkDisabled");
  });

  it("mounts hosts and resolver settings of a network that the agent makes", () => {
    const files = { ...place, networkFiles: "/pods/u-1/network" };
    expect(containerOptions(files, spec).HostConfig?.Mounts).toMatchObject([
      { Type: "bind", Source: "/pods/u-1/network/hosts", Target: "/etc/hosts", ReadOnly: false },
      { Type: "bind", Source: "/pods/u-1/network/resolv.conf", Target: "/etc/resolv.conf", ReadOnly: false },
    ]);
    expect(containerOptions(place, spec).HostConfig?.Mounts).toEqual([]);
  });

  it("joins the sandbox's namespaces, or the host's network", () => {
    expect(containerOptions(place, spec).HostConfig).toMatchObject({
      NetworkMode: "container:pause-id",
      IpcMode: "container:pause-id",
    });
    expect(containerOptions(place, spec).HostConfig?.NetworkMode).toBe("container:pause-id");
    const onHost = sandboxOptions(
      { ...sandbox, hostNetwork: true, address: "10.0.0.9" },
      "pause:1",
      "bridge",
    );
    expect(onHost).toMatchObject({
      HostConfig: { NetworkMode: "host" },
      Labels: { "io.berth.address": "10.0.0.9" },
    });
    expect(onHost).not.toHaveProperty("Hostname");
  });

  it("shares process namespaces, hosts file and groups as the pod asks for", () => {
    const shared = containerOptions(place, { ...spec, processes: "pod" }).HostConfig;
    expect(shared).toMatchObject({ PidMode: "container:pause-id", IpcMode: "container:pause-id" });
    const host = containerOptions(place, { ...spec, processes: "host", hostIpc: true }).HostConfig;
    expect(host).toMatchObject({ PidMode: "host", IpcMode: "host" });
    expect(containerOptions(place, spec).HostConfig).not.toHaveProperty("PidMode");
    const security = { supplementalGroups: [65533], noNewPrivileges: true };
    expect(containerOptions(place, { ...spec, security }).HostConfig).toMatchObject({
      GroupAdd: ["65533"],
      SecurityOpt: ["no-new-privileges"],
    });
    const hostAliases = [{ ip: "192.0.2.7", hostnames: ["db", "db.local"] }];
    const options = sandboxOptions(
      { ...sandbox, hostAliases, hostIpc: true, hostPid: true },
      "pause:1",
      "bridge",
    );
    expect(options.HostConfig).toMatchObject({
      ExtraHosts: ["db:192.0.2.7", "db.local:192.0.2.7"],
      IpcMode: "host",
      PidMode: "host",
    });
  });

  it("gives limits in the engine's units and lets no swap past the memory limit", () => {
    const resources = { cpuRequestMilli: 250, cpuLimitMilli: 1500, memoryLimitBytes: 64 * 2 ** 20 };
    expect(containerOptions(place, { ...spec, resources }).HostConfig).toMatchObject({
      CpuShares: 256,
      CpuPeriod: 100_000,
      CpuQuota: 150_000,
      Memory: 64 * 2 ** 20,
      MemorySwap: 64 * 2 ** 20,
    });
    const tiny = containerOptions(place, {
      ...spec,
      resources: { cpuRequestMilli: 0, cpuLimitMilli: 1 },
    }).HostConfig;
    expect(tiny).toMatchObject({ CpuShares: 2, CpuQuota: 1000 });
  });

  it("publishes host ports at the sandbox, several of one container port too", () => {
    const hostPorts = [
      { containerPort: 80, hostPort: 8080, protocol: "TCP" as const },
      { containerPort: 80, hostPort: 8081, hostIp: "127.0.0.1", protocol: "TCP" as const },
      { containerPort: 53, hostPort: 53, protocol: "UDP" as const },
    ];
    const options = sandboxOptions({ ...sandbox, hostPorts }, "pause:1", "bridge");
    expect(options.HostConfig?.PortBindings).toEqual({
      "80/tcp": [
        { HostIp: "", HostPort: "8080" },
        { HostIp: "127.0.0.1", HostPort: "8081" },
      ],
      "53/udp": [{ HostIp: "", HostPort: "53" }],
    });
    expect(options.ExposedPorts).toEqual({ "80/tcp": {}, "53/udp": {} });
  });
});
