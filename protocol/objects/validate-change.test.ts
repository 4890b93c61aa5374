import { describe, expect, test } from "vitest";
import { unwrap } from "../errors.ts";
import { admit } from "./admit.ts";
import {
  containerManifest,
  controllerManifest,
  podManifest,
  replicaSetManifest,
  serviceManifest,
} from "./fixtures.ts";
import type { ApiObject } from "./object.ts";
import { validateUpdate } from "./validate.ts";
import { keepAllocated } from "./validate-change.ts";

const complete = (object: unknown): ApiObject => unwrap(admit(object)).complete;

describe("changes", () => {
  const changed = (old: unknown, next: unknown): readonly string[] => {
    const result = validateUpdate(complete(old), complete(next));
    return result.ok ? [] : (result.error.causes ?? []).map((cause) => cause.field);
  };
  test("a pod's image, added tolerations and a shorter deadline may change", () => {
    const old = podManifest({ activeDeadlineSeconds: 50 });
    const next = podManifest({
      activeDeadlineSeconds: 40,
      containers: [{ name: "main", image: "node:25-alpine" }],
      tolerations: [{ operator: "Exists" }],
    });
    expect(changed(old, next)).toEqual([]);
  });
  test("nothing else of a pod may", () => {
    expect(changed(podManifest(), containerManifest({ command: ["x"] }))).toEqual([
      "spec.containers[0].command",
    ]);
    expect(changed(podManifest({ tolerations: [{ operator: "Exists" }] }), podManifest())).toEqual([
      "spec.tolerations",
    ]);
    expect(changed(podManifest(), podManifest({ hostNetwork: true }))).toEqual(["spec.hostNetwork"]);
    expect(changed(podManifest(), podManifest({ activeDeadlineSeconds: 5 }))).toEqual([]);
  });
  test("names, uids and kinds stay", () => {
    expect(changed(podManifest(), { ...podManifest(), metadata: { name: "other" } })).toEqual([
      "metadata.name",
    ]);
    expect(changed(podManifest(), { ...podManifest(), metadata: { name: "web", uid: "x" } })).toEqual([
      "metadata.uid",
    ]);
    expect(changed(controllerManifest(), replicaSetManifest())).toEqual(["apiVersion", "kind"]);
  });
  test("a replica set's selector stays, a controller's template may change", () => {
    const other = { metadata: { labels: { app: "api" } }, spec: { containers: [{ name: "a", image: "x" }] } };
    expect(
      changed(
        replicaSetManifest(),
        replicaSetManifest({ selector: { matchLabels: { app: "api" } }, template: other }),
      ),
    ).toEqual(["spec.selector"]);
    expect(changed(controllerManifest(), controllerManifest({ replicas: 9, template: other }))).toEqual([]);
  });
  test("a service's address stays, and a manifest without it keeps it", () => {
    const old = complete(serviceManifest({ clusterIP: "10.96.0.1", clusterIPs: ["10.96.0.1"] }));
    const next = complete(serviceManifest({ ports: [{ port: 81 }] }));
    expect(validateUpdate(old, next).ok).toBe(false);
    expect(validateUpdate(old, keepAllocated(old, next)).ok).toBe(true);
    expect(keepAllocated(old, next).spec).toMatchObject({
      clusterIP: "10.96.0.1",
      clusterIPs: ["10.96.0.1"],
    });
    expect(
      changed(serviceManifest({ clusterIP: "10.96.0.1" }), serviceManifest({ clusterIP: "None" })),
    ).toEqual(["spec.clusterIP"]);
  });
});
