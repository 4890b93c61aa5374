// What Kubernetes fills in for deployments and daemon sets
// (source: k8s.io/kubernetes/pkg/apis/apps/v1/defaults.go). The pod template's defaults are the pods' own.

import type { DaemonSet, Deployment, PodTemplateSpec } from "./object.ts";
import { sameValue } from "./same.ts";

type DeploymentSpec = NonNullable<Deployment["spec"]>;
type DaemonSetSpec = NonNullable<DaemonSet["spec"]>;
type WithDefaults = (template: PodTemplateSpec) => PodTemplateSpec;

export const defaultRevisionHistoryLimit = 10;
export const defaultProgressDeadlineSeconds = 600;
const rollingUpdateDefaults: Readonly<Record<string, unknown>> = { maxUnavailable: "25%", maxSurge: "25%" };

export const deploymentSpecDefaults = (spec: DeploymentSpec, template: WithDefaults): DeploymentSpec => ({
  replicas: 1,
  revisionHistoryLimit: defaultRevisionHistoryLimit,
  progressDeadlineSeconds: defaultProgressDeadlineSeconds,
  ...spec,
  strategy: strategyDefaults(spec.strategy ?? {}),
  template: template(spec.template),
});

/**
 * A deployment that is changed to Recreate may still carry what was filled in for its rolling updates; that goes.
 * What a user set is kept, and refused by validation.
 */
function strategyDefaults(
  strategy: NonNullable<DeploymentSpec["strategy"]>,
): NonNullable<DeploymentSpec["strategy"]> {
  const { type = "RollingUpdate", rollingUpdate, ...rest } = strategy;
  if (type === "RollingUpdate") {
    return { ...rest, type, rollingUpdate: { ...rollingUpdateDefaults, ...rollingUpdate } };
  }
  const filledIn = Object.entries(rollingUpdate ?? {}).every(([key, value]) =>
    sameValue(rollingUpdateDefaults[key], value),
  );
  return { ...rest, type, ...(rollingUpdate && !filledIn && { rollingUpdate }) };
}

export function daemonSetSpecDefaults(spec: DaemonSetSpec, template: WithDefaults): DaemonSetSpec {
  const { type = "RollingUpdate", rollingUpdate } = spec.updateStrategy ?? {};
  const rolling = type === "RollingUpdate" && {
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0, ...rollingUpdate },
  };
  return {
    revisionHistoryLimit: defaultRevisionHistoryLimit,
    ...spec,
    updateStrategy: { type, ...rolling },
    template: template(spec.template),
  };
}
