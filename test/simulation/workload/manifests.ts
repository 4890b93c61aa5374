// The objects that users submit.

import type { ApiObject } from "../../../protocol/mod.ts";
import { jobImage } from "../cluster/programs.ts";
import type { PodShape, WorkloadKind } from "./operation.ts";

export const zoneLabel = "zone";
export const spotTaint = "spot";

function podSpec({ cpuMilli, graceSeconds, version, zone, toleratesSpot, hostPort, job }: PodShape): object {
  return {
    terminationGracePeriodSeconds: graceSeconds,
    ...(job && { restartPolicy: "Never" }),
    ...(zone !== undefined && { nodeSelector: { [zoneLabel]: zone } }),
    ...(toleratesSpot && { tolerations: [{ key: spotTaint, operator: "Exists" }] }),
    containers: [
      {
        name: "main",
        image: job ? jobImage : `app:${version}`,
        resources: { requests: { cpu: `${cpuMilli}m`, memory: "64Mi" } },
        ports: [{ containerPort: 8080, ...(hostPort !== undefined && { hostPort }) }],
      },
    ],
  };
}

export const podManifest = (namespace: string, name: string, app: string, pod: PodShape): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name, labels: { app } },
  spec: podSpec(pod),
});

export function workloadManifest(
  kind: WorkloadKind,
  options: {
    readonly namespace: string;
    readonly name: string;
    readonly replicas: number;
    readonly pod: PodShape;
  },
): ApiObject {
  const { namespace, name, replicas, pod } = options;
  const labels = { app: name };
  return {
    apiVersion: kind === "ReplicaSet" ? "apps/v1" : "v1",
    kind,
    metadata: { namespace, name },
    spec: {
      replicas,
      selector: kind === "ReplicaSet" ? { matchLabels: labels } : labels,
      template: { metadata: { labels }, spec: podSpec({ ...pod, job: false }) },
    },
  };
}

export const serviceManifest = (namespace: string, name: string, app: string, port: number): ApiObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { selector: { app }, ports: [{ port, targetPort: 8080 }] },
});

export const namespaceManifest = (name: string): ApiObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name },
});
