// A Deployment with its Service on a cluster of Berth's: applied, rolled to another version in one way or the other,
// removed. Times are told as a client sees them: from the request to the moment at which the Deployment tells that all
// of its pods are of the new version and ready, and, of an update, to the end of the last old container if that is later.

import type Dockerode from "dockerode";
import { type BenchCluster, type BenchTarget, until } from "./bench-cluster.ts";
import { listed } from "./docker-clones.ts";
import { cpuSeconds } from "./process-usage.ts";
import { watchEvents } from "./watch-starts.ts";

export interface RolloutOptions {
  readonly name: string;
  readonly pods: number;
  readonly image: string;
  readonly command: readonly string[];
  readonly graceSeconds: number;
}
/** Undefined is the default: a quarter of the pods too many, a quarter too few. */
export type Surge = number | undefined;

/** Seconds since the request. */
export interface Rolled {
  readonly seconds: number;
  /** Of CPU meanwhile, by daemon. */
  readonly cpu: ReadonlyMap<string, number>;
}

export class BerthRollout {
  readonly #cluster: BenchCluster;
  readonly #docker: Dockerode;
  readonly #options: RolloutOptions;
  readonly #deployment: BenchTarget;
  readonly #service: BenchTarget;

  constructor(cluster: BenchCluster, docker: Dockerode, options: RolloutOptions) {
    const place = { namespace: "default", name: options.name };
    this.#cluster = cluster;
    this.#docker = docker;
    this.#options = options;
    this.#deployment = { verb: "get", resource: "deployments", group: "apps", ...place };
    this.#service = { verb: "get", resource: "services", ...place };
  }

  async start(version: string): Promise<Rolled> {
    return await this.#measured(async (begun) => {
      await this.#cluster.request({ ...this.#service, verb: "apply" }, { object: this.#serviceObject() });
      await this.#apply(version, undefined);
      return (Date.now() - begun) / 1000;
    });
  }

  async update(version: string, surge: Surge): Promise<Rolled> {
    const label = [`io.berth.cluster=${this.#cluster.name}`, "io.berth.kind=container"];
    const ends = await watchEvents(this.#docker, { event: "die", label, count: this.#options.pods });
    return await this.#measured(async (begun) => {
      await this.#apply(version, surge);
      return (Math.max(Date.now(), await ends.last) - begun) / 1000;
    });
  }

  async remove(): Promise<void> {
    const { name: cluster, world } = this.#cluster;
    for (const target of [this.#deployment, this.#service]) {
      await this.#cluster.request({ ...target, verb: "delete" });
    }
    await until(world, "the containers to be gone", async () => {
      return (await listed(this.#docker, `io.berth.cluster=${cluster}`)).length === 0;
    });
    await until(world, "the pods to be gone", async () => {
      const reply = await this.#cluster.request({ verb: "list", resource: "pods", namespace: "default" });
      return reply.type === "list" && reply.items.length === 0;
    });
  }

  async #measured(work: (begun: number) => Promise<number>): Promise<Rolled> {
    const before = await this.#cpu();
    const seconds = await work(Date.now());
    const after = await this.#cpu();
    const cpu = new Map(Array.from(after, ([name, used]) => [name, used - (before.get(name) ?? 0)]));
    return { seconds, cpu };
  }

  async #cpu(): Promise<Map<string, number>> {
    const used = new Map<string, number>();
    for (const [name, { pid }] of this.#cluster.processes.daemons) {
      if (pid !== undefined) used.set(name, await cpuSeconds(pid));
    }
    return used;
  }

  /** Resolves when the Deployment tells that all of its pods are of this version, and ready. */
  async #apply(version: string, surge: Surge): Promise<void> {
    const { pods } = this.#options;
    const target = this.#deployment;
    const object = this.#deploymentObject(version, surge);
    await this.#cluster.request({ ...target, verb: "apply" }, { object });
    await until(this.#cluster.world, "the pods to be ready", async () => {
      const reply = await this.#cluster.request(target);
      if (reply.type !== "object") return false;
      const { status, metadata } = reply.object;
      const told = (field: string): unknown => Reflect.get(status ?? {}, field);
      const complete = ["replicas", "readyReplicas", "updatedReplicas"].every((each) => told(each) === pods);
      return complete && told("observedGeneration") === metadata.generation;
    });
  }

  #deploymentObject(version: string, surge: Surge) {
    const { name, pods, image, command, graceSeconds } = this.#options;
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: 0 } };
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace: "default" },
      spec: {
        replicas: pods,
        selector: { matchLabels: { app: name } },
        ...(surge !== undefined && { strategy }),
        template: {
          metadata: { labels: { app: name } },
          spec: {
            terminationGracePeriodSeconds: graceSeconds,
            containers: [{ name: "main", image, command, env: [{ name: "VERSION", value: version }] }],
          },
        },
      },
    };
  }

  #serviceObject() {
    const { name } = this.#options;
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    };
  }
}
