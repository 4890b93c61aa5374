// Config maps, secrets and what else a pod's containers find around them: the same on processes and on Docker.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect as connectNats, type NatsConnection } from "nats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Container, Pod, PodSpec } from "../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../support/cluster.ts";

export interface ConfigScenario {
  readonly runtime: "docker" | "process";
  readonly octet: number;
  /** Answers an image with a shell and the usual small programs. */
  readonly prepare: () => Promise<string>;
}

const password = "correct-horse-battery-staple";
const newPassword = "tr0ub4dor-and-three-more";
const namespace = "default";
const meta = (name: string) => ({ name, namespace });

const configMap = (colour: string) => ({
  apiVersion: "v1" as const,
  kind: "ConfigMap" as const,
  metadata: meta("settings"),
  data: { colour, "app.conf": `colour = ${colour}\n` },
});
const secret = (value: string) => ({
  apiVersion: "v1" as const,
  kind: "Secret" as const,
  metadata: meta("db"),
  stringData: { password: value },
});

export function describeConfigScenario({ runtime, octet, prepare }: ConfigScenario): void {
  let cluster: TestCluster;
  let image = "";
  let spy: NatsConnection;
  const overheard: Buffer[] = [];

  const pod = (name: string, spec: Partial<PodSpec>, container: Partial<Container> = {}): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...meta(name), labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 2,
      containers: [
        {
          name: "main",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"],
          ...container,
        },
      ],
      ...spec,
    },
  });
  const run = async (name: string, ...command: string[]): Promise<string> => {
    const { stdout, stderr, exitCode } = await cluster.client.run(name, command, { namespace });
    if (exitCode !== 0) throw new Error(`${command.join(" ")} in ${name}: ${exitCode} ${stderr}`);
    return stdout;
  };
  const statusOf = async (name: string) => (await cluster.client.get("Pod", name, { namespace })).status;
  const mainOf = async (name: string) => (await statusOf(name))?.containerStatuses?.[0];

  beforeAll(async () => {
    image = await prepare();
    cluster = await startTestCluster({ runtime, nodes: 2, octet });
    spy = await connectNats({ servers: cluster.url });
    spy.subscribe(">", {
      callback: (_error, message) => {
        // What `cat` answers to somebody who may exec is theirs; everything else on the wire is overheard.
        if (!message.subject.startsWith("berth.stream.")) overheard.push(Buffer.from(message.data));
      },
    });
    await spy.flush();
  });
  afterAll(async () => {
    await spy?.close();
    await cluster?.stop();
  });

  describe("a pod that uses config maps and secrets", () => {
    const from = { configMapKeyRef: { name: "settings", key: "colour" } };
    const uses = (): Pod =>
      pod(
        "uses",
        {
          volumes: [
            { name: "config", configMap: { name: "settings" } },
            { name: "secret", secret: { secretName: "db", defaultMode: 0o400 } },
            {
              name: "all",
              projected: {
                sources: [
                  { configMap: { name: "settings", items: [{ key: "colour", path: "deep/colour" }] } },
                  { secret: { name: "db" } },
                  {
                    downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] },
                  },
                ],
              },
            },
          ],
        },
        {
          env: [
            { name: "COLOUR", valueFrom: from },
            { name: "MAYBE", valueFrom: { configMapKeyRef: { name: "none", key: "k", optional: true } } },
          ],
          envFrom: [{ prefix: "DB_", secretRef: { name: "db" } }],
          volumeMounts: [
            { name: "config", mountPath: "/etc/config" },
            { name: "config", mountPath: "/etc/one.conf", subPath: "app.conf" },
            { name: "secret", mountPath: "/etc/secret", readOnly: true },
            { name: "all", mountPath: "/etc/all" },
          ],
        },
      );

    test("waits for them and says so, and starts once they are there", async () => {
      await cluster.client.apply(uses());
      const waitsFor = (words: string): Promise<void> =>
        eventually(async () => expect((await statusOf("uses"))?.message).toContain(words));
      await waitsFor('configmap "settings" not found');
      await cluster.client.apply(configMap("blue"));
      await waitsFor('secret "db" not found');
      const applied = await cluster.client.apply(secret(password));
      expect(applied.object).not.toHaveProperty("data");
      await cluster.waitReady("app=uses", 1);
      expect((await statusOf("uses"))?.qosClass).toBe("BestEffort");
    });

    test("finds them in its environment and in files", async () => {
      expect(await run("uses", "sh", "-c", 'echo "$COLOUR ${MAYBE-unset} $DB_password"')).toBe(
        `blue unset ${password}\n`,
      );
      expect(await run("uses", "cat", "/etc/config/app.conf")).toBe("colour = blue\n");
      expect(await run("uses", "cat", "/etc/one.conf")).toBe("colour = blue\n");
      expect(await run("uses", "cat", "/etc/secret/password")).toBe(password);
      expect(await run("uses", "cat", "/etc/all/deep/colour")).toBe("blue");
      expect(await run("uses", "cat", "/etc/all/password")).toBe(password);
      expect(await run("uses", "cat", "/etc/all/labels")).toBe('app="uses"');
    });

    test("sees changes in its files while it runs", async () => {
      const { containerID } = (await mainOf("uses")) ?? {};
      await cluster.client.apply(configMap("green"));
      await cluster.client.apply(secret(newPassword));
      await eventually(async () => {
        expect(await run("uses", "cat", "/etc/config/app.conf")).toBe("colour = green\n");
        expect(await run("uses", "cat", "/etc/secret/password")).toBe(newPassword);
        expect(await run("uses", "cat", "/etc/all/deep/colour")).toBe("green");
      });
      await cluster.client.patch("Pod", "uses", { metadata: { labels: { more: "yes" } } }, { namespace });
      await eventually(async () =>
        expect(await run("uses", "cat", "/etc/all/labels")).toBe('app="uses"\nmore="yes"'),
      );
      // As in Kubernetes: a part of a volume and the environment stay as they were at the start.
      expect(await run("uses", "cat", "/etc/one.conf")).toBe("colour = blue\n");
      expect(await mainOf("uses")).toMatchObject({ containerID, restartCount: 0 });
    });

    test("goes on when its agent comes back and another master leads", async () => {
      const { containerID } = (await mainOf("uses")) ?? {};
      const { spec } = await cluster.client.get("Pod", "uses", { namespace });
      for (const daemon of ["master-1", spec?.nodeName ?? ""]) {
        await cluster.kill(daemon);
        cluster.processes.restart(daemon);
      }
      await cluster.client.apply(configMap("red"));
      await eventually(async () => expect(await run("uses", "cat", "/etc/config/colour")).toBe("red"));
      expect(await mainOf("uses")).toMatchObject({ containerID, restartCount: 0 });
    });
  });

  test("who may read a secret gets it; nobody else finds it anywhere", async () => {
    const read = await cluster.client.get("Secret", "db", { namespace });
    expect(Buffer.from(read.data?.["password"] ?? "", "base64").toString()).toBe(newPassword);
    const [listed] = await cluster.client.list("Secret", { namespace });
    expect(listed?.data).toEqual(read.data);
    const told = JSON.stringify([
      await cluster.client.events({ namespace, kind: "Secret" }),
      await cluster.client.why("Secret", "db", { namespace }),
    ]);
    const kept = await Promise.all((await filesOf(cluster.directory)).map((file) => readFile(file)));
    expect(kept.length).toBeGreaterThan(3);
    expect(overheard.length).toBeGreaterThan(10);
    for (const value of [password, newPassword]) {
      for (const text of [value, Buffer.from(value).toString("base64").replace(/=+$/, "")]) {
        expect(told).not.toContain(text);
        expect(kept.filter((bytes) => bytes.includes(text))).toHaveLength(0);
        expect(overheard.filter((bytes) => bytes.includes(text))).toHaveLength(0);
      }
    }
  });

  test("a secret that is wrong is refused without a word of what it says", async () => {
    const wrong = { apiVersion: "v1", kind: "Secret", metadata: meta("wrong"), data: { key: "n0-base64!" } };
    await expect(cluster.client.apply(wrong)).rejects.toThrow(
      /^the secret is invalid: data\[key\] must be base64/,
    );
    await expect(cluster.client.apply(wrong)).rejects.not.toThrow(/n0-base64/);
  });

  test("hooks run after the start and before the end, and a container's last words are kept", async () => {
    const hooked = pod(
      "hooked",
      { restartPolicy: "Never", volumes: [{ name: "shared", emptyDir: {} }] },
      {
        command: [
          "sh",
          "-c",
          "until [ -e /shared/stop ]; do sleep 0.05; done; printf 'it was time' > /dev/termination-log; exit 3",
        ],
        volumeMounts: [{ name: "shared", mountPath: "/shared" }],
        lifecycle: { postStart: { exec: { command: ["sh", "-c", "echo started > /shared/start"] } } },
      },
    );
    await cluster.client.apply(hooked);
    await cluster.waitReady("app=hooked", 1);
    expect(await run("hooked", "cat", "/shared/start")).toBe("started\n");
    await run("hooked", "touch", "/shared/stop");
    await eventually(async () =>
      expect((await mainOf("hooked"))?.state?.terminated).toMatchObject({
        exitCode: 3,
        message: "it was time",
      }),
    );
    const leaving = pod(
      "leaving",
      // A grace that no slow engine outlasts: the container ends with its hook's words.
      {
        terminationGracePeriodSeconds: 60,
        volumes: [{ name: "host", hostPath: { path: cluster.directory } }],
      },
      {
        command: ["sh", "-c", "until [ -s /host/goodbye ]; do sleep 0.05; done"],
        volumeMounts: [{ name: "host", mountPath: "/host" }],
        lifecycle: { preStop: { exec: { command: ["sh", "-c", "echo goodbye > /host/goodbye"] } } },
      },
    );
    await cluster.client.apply(leaving);
    await cluster.waitReady("app=leaving", 1);
    await cluster.client.delete("Pod", "leaving", { namespace });
    await cluster.client.waitFor("Pod", "leaving", (found) => found === undefined, { namespace });
    expect(await readFile(join(cluster.directory, "goodbye"), "utf8")).toBe("goodbye\n");
  });

  test("a subPath cannot lead out of its volume", async () => {
    const escaping = pod(
      "escaping",
      {
        initContainers: [
          {
            name: "plant",
            image,
            imagePullPolicy: "IfNotPresent",
            command: ["sh", "-c", "ln -s / /data/out"],
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          },
        ],
        volumes: [{ name: "data", emptyDir: {} }],
      },
      { volumeMounts: [{ name: "data", mountPath: "/mine", subPath: "out/etc" }] },
    );
    await cluster.client.apply(escaping);
    await eventually(async () =>
      expect((await mainOf("escaping"))?.state?.waiting).toMatchObject({
        reason: "CreateContainerConfigError",
        message: 'subPath "out/etc" leads out of its volume',
      }),
    );
    await cluster.client.delete("Pod", "escaping", { namespace });
  });
}

/** The log as the server keeps it, and every daemon's log file; not what nodes keep for their own pods. */
async function filesOf(directory: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const part of ["nats", "logs"]) {
    for (const entry of await readdir(join(directory, part), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
    }
  }
  return files;
}
