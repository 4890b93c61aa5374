// What belongs together and seldom meets when kinds and names are drawn one by one: a run with a theme has it on purpose.

import type { ApiObject } from "../../../protocol/mod.ts";
import { images } from "../cluster/programs.ts";
import type { Draw } from "../engine/draw.ts";
import { autoscaler } from "./kinds/autoscaler.ts";
import { secret } from "./kinds/configs.ts";
import { disruptionBudget } from "./kinds/disruption-budget.ts";
import type { Command, Operation, PodShape } from "./operation.ts";
import { configNames, drawWorker, podTemplate } from "./pods.ts";

const place = { namespace: "default", name: "shop" } as const;
const minuteMs = 60_000;
const beginMs = 20_000;

type Step = Omit<Command, "user">;
type Theme = (draw: Draw, troubleMs: number) => readonly Step[];

export function drawTheme(draw: Draw, troubleMs: number): readonly Command[] {
  const user = draw.below(4);
  return draw
    .pick([timetable, guarded, scaled, confidential])(draw, troubleMs)
    .map((command) => ({ ...command, user }));
}

/**
 * A cron job that is in its own way: its jobs take long, its runs may start only for a short while, and somebody
 * suspends it just before a run and lets it go on just after.
 */
const timetable: Theme = (draw, troubleMs) => {
  const object = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: place,
    spec: {
      schedule: "0-4 0 1 1 *",
      concurrencyPolicy: draw.pick(["Forbid", "Forbid", "Replace", "Allow"]),
      startingDeadlineSeconds: draw.pick([5, 10, 10, 20]),
      jobTemplate: {
        spec: {
          completions: draw.between(1, 10),
          template: podTemplate(place.name, { ...drawWorker(draw), image: images.job }),
        },
      },
    },
  } as const;
  const suspended = (suspend: boolean): Operation => ({
    do: "edit",
    kind: "CronJob",
    ...place,
    patch: { spec: { suspend } },
  });
  const around = Array.from(
    { length: Math.floor(troubleMs / minuteMs) },
    (_, index) => (index + 1) * minuteMs,
  )
    .filter(() => draw.chance(0.5))
    .flatMap((due) => [
      { at: due - draw.between(500, 20_000), operation: suspended(true) },
      { at: due + draw.between(500, 30_000), operation: suspended(false) },
    ]);
  return [
    { at: draw.between(1_000, beginMs), operation: { do: "apply", object } },
    ...around.filter(({ at }) => at < troubleMs),
  ];
};

/** A workload with a disruption budget, and evictions. */
const guarded: Theme = (draw, troubleMs) => [
  ...begun(draw, workload(draw), disruptionBudget.manifest(draw, place)),
  ...often(draw, troubleMs, () => ({ do: "evict-some-pod", pick: draw.next() })),
];

/** A workload with an autoscaler, and a metric that goes up and down. */
const scaled: Theme = (draw, troubleMs) => [
  ...begun(draw, workload(draw), autoscaler.manifest(draw, place)),
  ...often(draw, troubleMs, () => ({
    do: "publish-metric",
    namespace: place.namespace,
    value: draw.below(150),
  })),
];

/** A workload whose pods are given a secret, which changes. */
const confidential: Theme = (draw, troubleMs) => {
  const [name] = configNames;
  const apply = (): Operation => ({ do: "apply", object: secret.manifest(draw, { ...place, name }) });
  return [
    ...begun(draw, workload(draw, { config: { kind: "Secret", name, optional: false } })),
    { at: draw.between(1_000, beginMs), operation: apply() },
    ...often(draw, troubleMs, apply),
  ];
};

/** Of the kind that autoscalers are mostly for. */
const workload = (draw: Draw, shape: Partial<PodShape> = {}): ApiObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: place,
  spec: {
    replicas: draw.between(1, 6),
    progressDeadlineSeconds: 30,
    selector: { matchLabels: { app: place.name } },
    template: podTemplate(place.name, {
      cpuMilli: 100,
      graceSeconds: draw.pick([0, 1, 5]),
      image: "app:1",
      ...shape,
    }),
  },
});

const begun = (draw: Draw, ...objects: readonly ApiObject[]): readonly Step[] =>
  objects.map((object) => ({ at: draw.between(1_000, beginMs / 2), operation: { do: "apply", object } }));

const often = (draw: Draw, troubleMs: number, operation: () => Operation): readonly Step[] =>
  Array.from({ length: draw.between(2, 12) }, () => ({
    at: beginMs / 2 + draw.next() * (troubleMs - beginMs / 2),
    operation: operation(),
  }));
