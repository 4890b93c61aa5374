// Identities under a lease on a whole cluster, for every runtime: whatever is done to the agent or to its network, never
// two of them live, and the next is there soon after the lease of the one before is over.

import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiObject, Stored } from "../../client/mod.ts";
import { leaseReplaceMs, leaseTimes } from "../../protocol/mod.ts";
import { type Cable, startCable } from "../support/cable.ts";
import { eventually, isReady, startTestCluster, type TestCluster } from "../support/cluster.ts";

const waitMs = 120_000;
const nodes = 3;

export interface LeaseHooks {
  readonly runtime: "docker" | "process";
  readonly octet: number;
  /** Runs once before the cluster starts: images and the like. */
  prepare?(): Promise<void>;
}

/** Writes down how long it lives, and does not listen to anybody who wants it to stop. */
const script = `
  const { writeFileSync, renameSync } = require("node:fs");
  process.on("SIGTERM", () => {});
  const since = Date.now();
  const file = process.env.LIVES + "/" + process.env.POD + "." + require("node:crypto").randomUUID();
  const beat = () => {
    writeFileSync(file + ".new", since + " " + Date.now());
    renameSync(file + ".new", file);
  };
  beat();
  setInterval(beat, 10);
`;

const database = (lives: string, runtime: LeaseHooks["runtime"]): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "db", annotations: { "berth.io/fencing": "Lease" } },
  spec: {
    serviceName: "db",
    replicas: 1,
    selector: { matchLabels: { app: "db" } },
    template: {
      metadata: { labels: { app: "db" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: "main",
            image: "node:24-alpine",
            command: ["node", "-e", script],
            env: [
              { name: "LIVES", value: lives },
              { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            ],
            ...(runtime === "docker" && { volumeMounts: [{ name: "lives", mountPath: lives }] }),
          },
        ],
        ...(runtime === "docker" && {
          volumes: [{ name: "lives", hostPath: { path: lives, type: "Directory" } }],
        }),
      },
    },
  },
});

interface Life {
  readonly since: number;
  readonly until: number;
}

export function describeLeases({ runtime, octet, prepare }: LeaseHooks): void {
  describe(`identities with a lease on the ${runtime} runtime`, () => {
    let cluster: TestCluster;
    let lives: string;
    const cables = new Map<string, Cable>();

    beforeAll(async () => {
      await prepare?.();
      lives = await mkdtemp(join(tmpdir(), "berth-lives-"));
      await chmod(lives, 0o777);
      let natsPort = 0;
      for (let number = 1; number <= nodes; number++) {
        cables.set(`n${number}`, await startCable(() => natsPort));
      }
      cluster = await startTestCluster({
        runtime,
        octet,
        nodes,
        agentServers: (url, name) => {
          natsPort = Number(new URL(url).port);
          return `nats://${cable(name).address}`;
        },
      });
      await cluster.client.create(database(lives, runtime));
      await cluster.waitReady("app=db", 1);
      await eventually(async () => expect(await livesOf("db-0")).toHaveLength(1));
    }, waitMs);
    afterAll(async () => {
      await cluster?.stop();
      for (const each of cables.values()) await each.close();
      await rm(lives, { recursive: true, force: true });
    });

    function cable(node: string): Cable {
      const found = cables.get(node);
      if (!found) throw new Error(`no cable leads to ${node}`);
      return found;
    }

    /** Of every process of the pod that there ever was, oldest first. */
    async function livesOf(pod: string): Promise<readonly Life[]> {
      const files = (await readdir(lives)).filter(
        (name) => name.startsWith(`${pod}.`) && !name.endsWith(".new"),
      );
      const texts = await Promise.all(files.map((name) => readFile(join(lives, name), "utf8")));
      return texts
        .map((text) => text.split(" ").map(Number))
        .map(([since = 0, until = 0]) => ({ since, until }))
        .toSorted((left, right) => left.since - right.since);
    }

    async function expectOneAtATime(): Promise<void> {
      const known = await livesOf("db-0");
      for (const [index, { since }] of known.entries()) {
        const before = known[index - 1];
        if (before) expect(since, "a second db-0 began while the first lived").toBeGreaterThan(before.until);
      }
    }

    const present = (): Promise<Stored<"Pod">> => cluster.client.get("Pod", "db-0");

    /** The next db-0, ready on another node. */
    async function replaced(former: Stored<"Pod">): Promise<Stored<"Pod">> {
      const isNext = (pod: Stored<"Pod"> | undefined): boolean =>
        pod !== undefined && pod.metadata.uid !== former.metadata.uid && isReady(pod);
      const next = await cluster.client.waitFor("Pod", "db-0", isNext, { timeoutMs: waitMs });
      if (!next) throw new Error("db-0 is gone");
      expect(next.spec?.nodeName).not.toBe(former.spec?.nodeName);
      return next;
    }

    async function nodeReady(name: string): Promise<void> {
      await eventually(async () => {
        const found = await cluster.client.list("Node");
        expect(found.filter(isReady).map(({ metadata }) => metadata.name)).toContain(name);
      });
    }

    test.each([
      {
        what: "an agent that stands still",
        begin: async (node: string): Promise<void> =>
          void cluster.processes.daemons.get(node)?.kill("SIGSTOP"),
        end: async (node: string): Promise<void> => void cluster.processes.daemons.get(node)?.kill("SIGCONT"),
      },
      {
        what: "an agent that is killed",
        begin: (node: string): Promise<void> => cluster.kill(node),
        end: async (node: string): Promise<void> => cluster.processes.restart(node),
      },
      {
        what: "an agent that is cut off from all others",
        begin: async (node: string): Promise<void> => cable(node).cut(),
        end: async (node: string): Promise<void> => cable(node).mend(),
      },
    ])(
      "$what: its db-0 is fenced by the guard and made elsewhere",
      async ({ begin, end }) => {
        const former = await present();
        const node = former.spec?.nodeName ?? "";
        const known = (await livesOf("db-0")).length;
        const begun = Date.now();
        await begin(node);
        await replaced(former);
        await eventually(async () => expect(await livesOf("db-0")).toHaveLength(known + 1));
        await expectOneAtATime();
        const [fenced, next] = (await livesOf("db-0")).slice(-2);
        const lived = (fenced?.until ?? 0) - begun;
        // The newest confirmed heartbeat was sent up to some seconds before.
        expect(lived).toBeGreaterThan(leaseTimes.stopAfterMs - 4_000);
        expect(lived, "it lived longer than its lease").toBeLessThan(leaseReplaceMs);
        expect(next?.since).toBeGreaterThan(fenced?.until ?? Number.POSITIVE_INFINITY);
        await end(node);
        await nodeReady(node);
        // Its agent is back, and has brought nothing back.
        await eventually(async () => expect(await cluster.waitReady("app=db", 1)).toHaveLength(1));
        await expectOneAtATime();
        expect(await livesOf("db-0")).toHaveLength(known + 1);
      },
      waitMs,
    );

    test(
      "a set without the annotation has no lease, and a pod keeps what it was made with",
      async () => {
        const pod = await present();
        expect(pod.metadata.annotations).toMatchObject({ "berth.io/fencing": "Lease" });
        const change = cluster.client.patch("Pod", "db-0", {
          metadata: { annotations: { "berth.io/fencing": "Confirm" } },
        });
        await expect(change).rejects.toThrow("can't change while the pod lives");
      },
      waitMs,
    );
  });
}
