// Test fixture: a deployment whose pods use what a test says, an autoscaler over it, and looks every 15 seconds.

import type { MetricSubjectParts } from "../../protocol/mod.ts";
import { type Given, givenCluster, register, report } from "../cluster/given.ts";
import { isFinished, type ObjectRow, type PodRow, timestamp } from "../cluster/mod.ts";
import { converge } from "../controllers/settling.ts";
import { autoscale } from "./autoscale.ts";
import type { Measures } from "./measures.ts";
import type { Memory } from "./memory.ts";
import { type AutoscalerStatus, autoscalerStatusOf } from "./spec.ts";

type Fields = Readonly<Record<string, unknown>>;

const container = (name: string): Fields => ({
  name,
  image: "web:1",
  resources: { requests: { cpu: "100m", memory: "64Mi" } },
});

export class Bench {
  readonly given: Given = givenCluster();
  /** Thousandths of a core that a pod uses, by its place among the pods; undefined: no figures. */
  cpuOf: (index: number, row: PodRow) => number | undefined = () => 80;
  /** `kind/name/metric` (or `metric` alone, of something outside): thousandths. */
  readonly metrics = new Map<string, number>();
  memory: Memory | undefined;

  constructor(replicas: number, spec: Fields, containers: readonly string[] = ["main"]) {
    const { given } = this;
    register(given, "n1");
    const template = {
      metadata: { labels: { app: "web" } },
      spec: { containers: containers.map(container) },
    };
    const selector = { matchLabels: { app: "web" } };
    given.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas, selector, template },
    });
    given.create({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, ...spec },
    });
    this.run();
    // Long after their start.
    given.now += 3_600_000;
  }

  get row(): ObjectRow {
    return this.#object("HorizontalPodAutoscaler");
  }
  get status(): Partial<AutoscalerStatus> {
    return autoscalerStatusOf(this.row);
  }
  get replicas(): number {
    return (this.#object("Deployment").value.spec as { readonly replicas: number }).replicas;
  }
  get pods(): readonly PodRow[] {
    return [...this.given.state.pods()].filter((row) => !row.deletion && !isFinished(row));
  }
  /** `AbleToScale True ReadyForNewScale`. */
  condition(type: string): string {
    const found = this.status.conditions?.find((each) => each.type === type);
    return found ? `${found.status} ${found.reason}` : "none";
  }

  /** Pods come and go, and run since now when they are new. */
  run(): void {
    const { given } = this;
    converge(given);
    for (const row of this.pods) {
      if (row.status.startTime === undefined) {
        report(given, row, { ...row.status, startTime: timestamp(given.now) });
      }
    }
  }

  /** One look; its commands take effect. Types of the events that came of it. */
  look(): readonly string[] {
    const { given } = this;
    const before = given.log.length;
    const found = autoscale(given.state, this.row, {
      measures: this.#measures(),
      memory: this.memory,
      now: given.now,
    });
    this.memory = found.memory;
    for (const envelope of found.commands) {
      const refused = given.send(envelope);
      if (refused) throw new Error(refused.message);
    }
    const types = given.since(before);
    this.run();
    return types;
  }

  /** So many seconds later, with a look each 15 of them; new pods count as long since ready. */
  pass(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 15) {
      this.given.now += 15_000;
      this.look();
    }
  }

  #object(kind: string): ObjectRow {
    const row = this.given.state.object(kind, "default", "web");
    if (!row) throw new Error(`no ${kind}`);
    return row;
  }

  #measures(): Measures {
    const all = this.pods;
    return {
      pod: (row) => {
        const cpuMilli = this.cpuOf(
          all.findIndex(({ ref }) => ref.uid === row.ref.uid),
          row,
        );
        if (cpuMilli === undefined) return undefined;
        const containers = row.spec.containers.map(({ name }) => ({ name, cpuMilli, memoryBytes: 2 ** 20 }));
        return { ageMs: 1000, windowMs: 10_000, containers };
      },
      metric: ({ kind, name, metric }: MetricSubjectParts) => {
        const milli = this.metrics.get([kind, name, metric].filter(Boolean).join("/"));
        return milli === undefined ? [] : [{ milli, labels: {}, ageMs: 0 }];
      },
    };
  }
}

export const metricOf = (type: string, body: Fields): Fields => ({
  type,
  [type === "ContainerResource" ? "containerResource" : type.toLowerCase()]: body,
});
