// Small valid manifests that tests vary.

import type { ApiObject } from "./object.ts";

type Manifest = ApiObject & {
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
};

export const podManifest = (spec: Record<string, unknown> = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", labels: { app: "web" } },
  spec: { containers: [{ name: "main", image: "node:24-alpine" }], ...spec },
});

export const containerManifest = (container: Record<string, unknown>): Manifest =>
  podManifest({ containers: [{ name: "main", image: "node:24-alpine", ...container }] });

export const controllerManifest = (spec: Record<string, unknown> = {}): Manifest => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "web" },
  spec: { replicas: 3, template: templateManifest(), ...spec },
});

export const replicaSetManifest = (spec: Record<string, unknown> = {}): Manifest => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name: "web" },
  spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: templateManifest(), ...spec },
});

export const serviceManifest = (spec: Record<string, unknown> = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: { app: "web" }, ports: [{ port: 80 }], ...spec },
});

const templateManifest = (): Record<string, unknown> => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "main", image: "node:24-alpine" }] },
});
