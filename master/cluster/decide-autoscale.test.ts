import { expect, test } from "vitest";
import type { ObjectRef } from "../../protocol/mod.ts";
import { controller, type Given, givenCluster } from "./given.ts";

const by = "controller:horizontal-pod-autoscaler";

function given(): { readonly cluster: Given; readonly autoscaler: ObjectRef; readonly target: ObjectRef } {
  const cluster = givenCluster();
  cluster.create(controller("web", 3));
  cluster.create({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web" },
    spec: {
      scaleTargetRef: { apiVersion: "v1", kind: "ReplicationController", name: "web" },
      maxReplicas: 9,
    },
  });
  const refOf = (kind: string): ObjectRef => {
    const row = cluster.state.object(kind, "default", "web");
    if (!row) throw new Error(`no ${kind}`);
    return row.ref;
  };
  return { cluster, autoscaler: refOf("HorizontalPodAutoscaler"), target: refOf("ReplicationController") };
}
const command = ({ autoscaler, target }: ReturnType<typeof given>, from: number) =>
  ({
    type: "Autoscale",
    autoscaler,
    target,
    from,
    to: 6,
    status: { desiredReplicas: 6 },
    reason: "scaled",
  }) as const;

test("the target's replicas and the autoscaler's status change in one decision", () => {
  const world = given();
  const { events } = world.cluster.run(command(world, 3), by);
  expect(events).toMatchObject([
    {
      type: "ObjectUpdated",
      by,
      operation: "Scale",
      reason: "scaled",
      value: { spec: { replicas: 6 } },
      fields: ["metadata.generation", "spec.replicas"],
    },
    { type: "StatusUpdated", object: world.autoscaler, status: { desiredReplicas: 6 } },
  ]);
});

test.each<[string, (world: ReturnType<typeof given>) => object, object]>([
  [
    "a target that was scaled meanwhile",
    () => ({ from: 4 }),
    {
      code: "Conflict",
      message: "ReplicationController default/web has 3 replicas, not 4: it was scaled meanwhile",
    },
  ],
  [
    "another target of the name",
    ({ target }) => ({ target: { ...target, uid: "another" } }),
    { code: "NotFound", message: 'replicationcontrollers "web" not found in namespace default' },
  ],
  [
    "an autoscaler that is gone",
    ({ autoscaler }) => ({ autoscaler: { ...autoscaler, uid: "gone" } }),
    { code: "NotFound", message: 'horizontalpodautoscalers "web" not found in namespace default' },
  ],
])("%s is left alone", (_, change, refusal) => {
  const world = given();
  const refused = world.cluster.send({ by, command: { ...command(world, 3), ...change(world) } });
  expect(refused).toMatchObject(refusal);
  expect(world.cluster.state.object("ReplicationController", "default", "web")?.value.spec).toMatchObject({
    replicas: 3,
  });
});
