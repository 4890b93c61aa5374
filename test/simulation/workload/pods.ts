// The pods that users want: drawn, and as they stand in manifests.

import type { ApiObject } from "../../../protocol/mod.ts";
import { images } from "../cluster/programs.ts";
import type { Draw } from "../engine/draw.ts";
import type { PodShape } from "./operation.ts";

/** The one that pods ask for, so that they get in each other's way. */
export const commonHostPort = 8080;

export const zoneLabel = "zone";
export const spotTaint = "spot";
/** Names of the config maps and secrets that pods refer to. */
export const configNames = ["settings", "keys"] as const;

export function drawPod(draw: Draw): PodShape {
  return {
    cpuMilli: draw.pick([10, 100, 250, 900]),
    graceSeconds: draw.pick([0, 1, 5, 10, 30]),
    image: draw.chance(0.08) ? images.unready : `app:${draw.between(1, 3)}`,
    ...(draw.chance(0.15) && { zone: draw.pick(["a", "b", "nowhere"]) }),
    ...(draw.chance(0.3) && { toleratesSpot: true }),
    ...(draw.chance(0.25) && { hostPort: commonHostPort }),
    ...drawConfig(draw, 0.15),
  };
}

/** A pod that is to end: what a job is made of. */
export function drawWorker(draw: Draw): PodShape {
  return {
    cpuMilli: draw.pick([10, 100, 250]),
    graceSeconds: draw.pick([0, 1, 5]),
    image: draw.weighted([
      [6, images.job],
      [3, images.flaky],
      [1, images.failing],
    ]),
    restartPolicy: draw.chance(0.3) ? "OnFailure" : "Never",
    ...(draw.chance(0.1) && { zone: draw.pick(["a", "b"]) }),
    ...(draw.chance(0.3) && { toleratesSpot: true }),
    ...drawConfig(draw, 0.1),
  };
}

function drawConfig(draw: Draw, probability: number): Pick<PodShape, "config"> {
  if (!draw.chance(probability)) return {};
  return {
    config: {
      kind: draw.pick(["ConfigMap", "ConfigMap", "Secret"]),
      name: draw.pick(configNames),
      optional: draw.chance(0.5),
    },
  };
}

export function podSpec(shape: PodShape): object {
  const { cpuMilli, graceSeconds, image, zone, toleratesSpot, hostPort, restartPolicy, priorityClassName } =
    shape;
  return {
    terminationGracePeriodSeconds: graceSeconds,
    ...(restartPolicy && { restartPolicy }),
    ...(priorityClassName && { priorityClassName }),
    ...(zone !== undefined && { nodeSelector: { [zoneLabel]: zone } }),
    ...(toleratesSpot && { tolerations: [{ key: spotTaint, operator: "Exists" }] }),
    containers: [
      {
        name: "main",
        image,
        resources: { requests: { cpu: `${cpuMilli}m`, memory: "64Mi" } },
        ports: [{ containerPort: 8080, ...(hostPort !== undefined && { hostPort }) }],
        ...(image === images.unready && {
          readinessProbe: { exec: { command: ["ready"] }, periodSeconds: 5 },
        }),
        ...environment(shape),
      },
    ],
    ...volumes(shape),
  };
}

function environment({ config }: PodShape): object {
  if (!config) return {};
  const { kind, name, optional } = config;
  const source = { name, ...(optional && { optional }) };
  return {
    envFrom: [kind === "ConfigMap" ? { configMapRef: source } : { secretRef: source }],
    volumeMounts: [{ name: "config", mountPath: "/etc/config" }],
  };
}

function volumes({ config }: PodShape): object {
  if (!config) return {};
  const { kind, name, optional } = config;
  const source =
    kind === "ConfigMap" ? { configMap: { name, optional } } : { secret: { secretName: name, optional } };
  return { volumes: [{ name: "config", ...source }] };
}

export const podManifest = (namespace: string, name: string, app: string, pod: PodShape): ApiObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name, labels: { app } },
  spec: podSpec(pod),
});

export const podTemplate = (app: string, pod: PodShape): object => ({
  metadata: { labels: { app } },
  spec: podSpec(pod),
});

/** Another image, for a rollout. */
export function otherContainers(draw: Draw): object {
  const spec = podSpec(drawPod(draw));
  const volumes: unknown = Reflect.get(spec, "volumes") ?? null;
  return { template: { spec: { containers: Reflect.get(spec, "containers"), volumes } } };
}
