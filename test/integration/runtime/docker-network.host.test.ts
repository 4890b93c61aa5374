// Pods on Docker whose network the agent makes (ADR 23), and when it leaves that to the engine.

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createSystemWorld, silentLogger } from "../../../actors/mod.ts";
import {
  type ContainerId,
  type ContainerRuntime,
  type ContainerSpec,
  createDockerRuntime,
  type SandboxSpec,
  type SandboxState,
} from "../../../node-agent/runtime/mod.ts";
import type { Uid } from "../../../protocol/mod.ts";
import { testContainer, testSandbox } from "../../../node-agent/testkit/runtime-fixture.ts";
import { RuntimePods, waitOptions } from "../../../node-agent/testkit/runtime-pods.ts";
import { connect, engineAddress, whyNoEngine } from "../../support/docker-engine.ts";
import { importBusybox } from "../../support/images.ts";

const missing = await whyNoEngine();
const why = missing ?? (process.env["BERTH_OWN_HOST"] ? undefined : "needs a host of its own");
const steady = "trap 'exit 0' TERM; while :; do sleep 1 & wait; done";

describe.skipIf(why)(`networks that the agent makes${why ? ` (${why})` : ""}`, () => {
  const cluster = `network-${process.pid}`;
  const world = createSystemWorld(silentLogger);
  const docker = connect();
  const directory = mkdtempSync(join(tmpdir(), "berth-network-"));
  const pods = new RuntimePods(() => runtime);
  let image: string;
  let runtime: ContainerRuntime;
  const open = (): ContainerRuntime => createDockerRuntime({ cluster, node: "one", world, ...engineAddress });

  beforeAll(async () => {
    image = await importBusybox(docker);
    runtime = open();
  });
  afterEach(async () => {
    await pods.clear();
  });
  afterAll(async () => {
    await runtime?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const sandboxSpec = (change: Partial<SandboxSpec> = {}): SandboxSpec => {
    const uid = randomUUID() as Uid;
    return testSandbox({
      pod: { cluster, node: "one", namespace: "default", name: "pod", uid },
      hostname: "pod-host",
      networkDirectory: join(directory, uid),
      dns: { servers: ["10.9.8.7"], searches: ["default.svc", "svc"], options: ["ndots:5"] },
      ...change,
    });
  };
  const pod = (change: Partial<SandboxSpec> = {}): Promise<SandboxState> => pods.sandbox(sandboxSpec(change));
  const run = (sandbox: SandboxState, script: string, change: Partial<ContainerSpec> = {}) => {
    const name = `c-${randomUUID().slice(0, 8)}`;
    return pods.start(
      sandbox,
      testContainer({ name, image, command: ["sh", "-c"], args: [script], ...change }),
    );
  };
  /** What it has printed when it has ended. */
  const said = async (id: ContainerId): Promise<string> => {
    await pods.ended(id);
    return pods.text(id);
  };
  const isByAgent = async ({ id }: SandboxState): Promise<boolean> =>
    (await docker.getContainer(id).inspect()).HostConfig.NetworkMode === "none";
  const links = (): string => execFileSync("ip", ["-brief", "link", "show", "type", "veth"]).toString();
  const linkOf = ({ ip }: SandboxState): string =>
    `berth${ip
      .split(".")
      .map((part) => Number(part).toString(16).padStart(2, "0"))
      .join("")}`;

  it("gives a pod an address, a way out, a name, hosts and a resolver", async () => {
    const { gateway } = await runtime.info();
    const hostAliases = [{ ip: "10.1.2.3", hostnames: ["db", "db.example"] }];
    const sandbox = await pod({ hostAliases, domain: "group.default.svc.cluster.local" });
    expect(await isByAgent(sandbox)).toBe(true);
    const look =
      "hostname; hostname -i; hostname -f; ip route | head -1; cat /etc/resolv.conf; grep db /etc/hosts";
    expect(await said(await run(sandbox, look))).toBe(
      [
        "pod-host",
        sandbox.ip,
        "pod-host.group.default.svc.cluster.local",
        `default via ${gateway} dev eth0 `,
        "search default.svc svc",
        "nameserver 10.9.8.7",
        "options ndots:5",
        "10.1.2.3\tdb",
        "10.1.2.3\tdb.example",
        "",
      ].join("\n"),
    );
  });

  it("lets pods, those of the engine's networks and the host reach each other", async () => {
    const [own, other, byEngine] = [await pod(), await pod(), await pod({ dns: undefined } as object)];
    expect([await isByAgent(own), await isByAgent(other), await isByAgent(byEngine)]).toEqual([
      true,
      true,
      false,
    ]);
    for (const each of [own, other, byEngine])
      await run(each, `nc -ll -p 8080 -e echo ${each.ip} & ${steady}`);
    const ask = ({ ip }: SandboxState): string => `until nc ${ip} 8080 </dev/null; do sleep 0.1; done`;
    expect(await said(await run(own, `${ask(other)}; ${ask(byEngine)}`))).toBe(
      `${other.ip}\n${byEngine.ip}\n`,
    );
    expect(await said(await run(byEngine, ask(own)))).toBe(`${own.ip}\n`);
    const { gateway } = await runtime.info();
    expect(await said(await run(own, `ping -c 1 -W 5 ${gateway} | grep -o '1 packets received'`))).toContain(
      "1 packets",
    );
  });

  it("keeps the address as long as the pod lasts, whatever its containers do, and frees it after", async () => {
    const sandbox = await pod();
    expect(await said(await run(sandbox, "hostname -i; exit 1"))).toBe(`${sandbox.ip}\n`);
    expect(await said(await run(sandbox, "hostname -i", { attempt: 1 }))).toBe(`${sandbox.ip}\n`);
    expect(links()).toContain(linkOf(sandbox));
    await runtime.removeSandbox(sandbox.id);
    await vi.waitFor(() => expect(links()).not.toContain(linkOf(sandbox)), waitOptions);
  });

  it("answers the one that is there when it is asked again, also as a new agent", async () => {
    const spec = sandboxSpec();
    const sandbox = await pods.sandbox(spec);
    const next = open();
    expect(await next.runSandbox(spec)).toEqual(sandbox);
    expect(await next.listSandboxes(spec.pod.uid)).toEqual([
      expect.objectContaining({ id: sandbox.id, ip: sandbox.ip, ready: true }),
    ]);
    await next.close();
    expect(readFileSync(join(spec.networkDirectory ?? "", "hosts"), "utf8")).toContain(
      `${sandbox.ip}\tpod-host\n`,
    );
  });

  it("does not count a sandbox as ready whose agent ended before it had its link", async () => {
    const sandbox = await pod();
    execFileSync("ip", ["link", "delete", linkOf(sandbox)]);
    const next = open();
    const seen = await next.listSandboxes(sandbox.pod.uid);
    await next.close();
    expect(seen).toEqual([expect.objectContaining({ id: sandbox.id, ready: false })]);
  });

  it("leaves pods with host ports, and those without resolver settings of their own, to the engine", async () => {
    const hostPorts = [{ containerPort: 80, hostPort: 18_081, protocol: "TCP" as const }];
    expect(await isByAgent(await pod({ hostPorts }))).toBe(false);
    expect(await isByAgent(await pod({ dns: { servers: [], searches: [], options: [] } }))).toBe(false);
  });

  it("gives way to a file that the pod mounts itself", async () => {
    const hostPath = join(directory, "own-hosts");
    writeFileSync(hostPath, "10.0.0.1\town\n");
    const mounts = [{ containerPath: "/etc/hosts", hostPath, readOnly: true }];
    expect(await said(await run(await pod(), "cat /etc/hosts", { mounts }))).toBe("10.0.0.1\town\n");
  });

  it("passes over an address that somebody else has", async () => {
    const before = await pod();
    const parts = before.ip.split(".").map(Number);
    const following = [...parts.slice(0, 3), (parts[3] ?? 0) + 1].join(".");
    const link = linkOf({ ...before, ip: following });
    execFileSync("ip", ["link", "add", link, "type", "veth", "peer", "name", "other-end"]);
    try {
      const sandbox = await pod();
      expect([sandbox.ready, await isByAgent(sandbox)]).toEqual([true, true]);
      expect(sandbox.ip).not.toBe(following);
    } finally {
      execFileSync("ip", ["link", "delete", link]);
    }
  });

  it("asks the engine when it cannot do its part", async () => {
    const file = join(directory, "no-folder");
    writeFileSync(file, "");
    const sandbox = await pod({ networkDirectory: join(file, "network") });
    expect([sandbox.ready, await isByAgent(sandbox)]).toEqual([true, false]);
    expect(await said(await run(sandbox, "hostname -i"))).toBe(`${sandbox.ip}\n`);
  });
});
