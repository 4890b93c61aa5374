// A cluster for input that hurts: ways to send it raw, and the word after each test that nobody has crashed or been
// deposed, and that a pod still comes and goes.

import { Packr } from "msgpackr";
import { connect, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { BerthError, type Manifest } from "../../../client/mod.ts";
import { apiSubject, type ApiVerb, decodeBody, type NodeName, unwrap } from "../../../protocol/mod.ts";
import { eventually, startTestCluster, type TestCluster } from "../../support/cluster.ts";

export const prefix = "berth";
export const node = "n1" as NodeName;
export const text = (words: string): Uint8Array => Buffer.from(words);

export const podSpec = {
  restartPolicy: "Never",
  terminationGracePeriodSeconds: 0,
  containers: [{ name: "c", image: "any", command: ["node", "--eval", "setInterval(() => {}, 1000)"] }],
} as const;
export const webPod = (name: string, change: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: podSpec,
  ...change,
});

export interface Refusal {
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Encodes also what our own codec refuses to. */
export const lax = new Packr({ useRecords: false, variableMapSize: true });
export const api = (verb: ApiVerb, name?: string, resource = "pods"): string =>
  apiSubject(prefix, {
    user: "admin",
    verb,
    group: "core",
    resource,
    namespace: "default",
    ...(name !== undefined && { name }),
  });

/** The code, after a look at the words: enough to know what to do, too few to flood a terminal. */
export function codeOf({ ok, error }: Refusal): string {
  expect(ok).toBe(false);
  expect(error?.message).toMatch(/^(?:\P{Cc}|\n){12,4000}$/u);
  return error?.code ?? "";
}
export async function refusedByClient(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BerthError);
  return error instanceof BerthError ? codeOf({ ok: false, error }) : "";
}

const nodeNews: ReadonlySet<string> = new Set(["NodeStatusObserved", "NodeSuspected", "NodeRecovered"]);

interface Snapshot {
  readonly processes: readonly (number | undefined)[];
  readonly events: number;
  readonly epoch: number;
}

export class HostileCluster {
  #cluster: TestCluster | undefined;
  #nats: NatsConnection | undefined;
  #before: Snapshot | undefined;

  get cluster(): TestCluster {
    if (!this.#cluster) throw new Error("the cluster has not started");
    return this.#cluster;
  }
  get nats(): NatsConnection {
    if (!this.#nats) throw new Error("the cluster has not started");
    return this.#nats;
  }

  async start(octet: number): Promise<void> {
    this.#cluster = await startTestCluster({ runtime: "process", octet, nodes: 1 });
    this.#nats = await connect({ servers: this.#cluster.url });
  }
  async stop(): Promise<void> {
    await this.#nats?.close();
    await this.#cluster?.stop();
  }

  /** Sends bytes as they are, and reads the answer in whichever form it comes. */
  async send(subject: string, body: Uint8Array): Promise<Refusal> {
    const ask = () => this.nats.request(subject, body, { timeout: 15_000 });
    // Making a huge message holds up this process, and the server may have left its silent connection: asked again.
    const reply = await ask().catch(ask);
    return unwrap(decodeBody(reply.data).body) as Refusal;
  }
  apply(object: object, name = "bad"): Promise<Refusal> {
    return this.send(api("apply", name), lax.pack({ version: 1, object }));
  }

  /** What is to be the same when the test has ended. */
  async remember(): Promise<void> {
    this.#before = await this.#snapshot();
  }
  /** But how the node itself does, which it may say at any time. */
  async expectNothingWritten(): Promise<void> {
    const since = this.#before?.events ?? 0;
    const events = await this.cluster.client.events({ allNamespaces: true, since });
    expect(events.map(({ type }) => type).filter((type) => !nodeNews.has(type))).toEqual([]);
  }
  async #snapshot(): Promise<Snapshot> {
    const { log, epoch } = await this.cluster.client.status();
    return {
      processes: [...this.cluster.processes.daemons.values()].map(({ pid }) => pid),
      events: log.events,
      epoch,
    };
  }

  async expectWorking(): Promise<void> {
    const { client, processes } = this.cluster;
    for (const [name, child] of processes.daemons) {
      expect([name, child.exitCode, child.signalCode]).toEqual([name, null, null]);
    }
    const { epoch, nodes } = await client.status();
    expect(epoch).toBe(this.#before?.epoch);
    expect(nodes.find(({ name }) => name === node)).toMatchObject({ state: "Ready" });
    await client.apply(
      webPod("probe", { metadata: { name: "probe", namespace: "default", labels: { app: "probe" } } }),
    );
    await this.cluster.waitReady("app=probe", 1);
    await client.delete("Pod", "probe", { namespace: "default" });
    await eventually(async () => {
      expect(await client.list("Pod", { namespace: "default" })).toEqual([]);
      const after = await client.status();
      expect(after.nodes.find(({ name }) => name === node)).toMatchObject({
        state: "Ready",
        inSync: true,
        pods: 0,
      });
    });
  }
}

/** One for all tests of a file; each test leaves it working. */
export function hostileCluster(octet: number): HostileCluster {
  const hostile = new HostileCluster();
  beforeAll(() => hostile.start(octet));
  afterAll(() => hostile.stop());
  beforeEach(() => hostile.remember());
  afterEach(() => hostile.expectWorking());
  return hostile;
}
