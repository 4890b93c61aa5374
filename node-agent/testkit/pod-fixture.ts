// Pods for tests: one container that runs on, unless told otherwise.

import type { Container, Pod, PodSpec, Uid } from "../../protocol/mod.ts";

export interface PodFixture {
  readonly name?: string;
  readonly spec?: Partial<PodSpec>;
  readonly containers?: readonly Partial<Container>[];
  readonly status?: Pod["status"];
}

export const uidOf = (name: string): Uid => `uid-${name}` as Uid;

export function testPod({ name = "web", spec, containers = [{}], status }: PodFixture = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: uidOf(name), labels: { app: name } },
    spec: {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      ...spec,
      containers: containers.map((container, index) => ({
        name: index === 0 ? "main" : `side${index}`,
        image: "app:1",
        ...container,
      })),
    },
    ...(status && { status }),
  };
}
