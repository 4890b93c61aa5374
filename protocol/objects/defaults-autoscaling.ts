// What Kubernetes fills in for autoscalers (source: k8s.io/kubernetes/pkg/apis/autoscaling/v2/defaults.go).

import type { HorizontalPodAutoscaler } from "./object.ts";

type Spec = NonNullable<HorizontalPodAutoscaler["spec"]>;
type Behavior = NonNullable<Spec["behavior"]>;
export type ScalingRules = NonNullable<Behavior["scaleUp"]>;

export const defaultCpuUtilization = 80;

/** Without a window: the larger of doubling and four more pods, every 15 s. */
export const defaultScaleUp: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};
/** Down to what is asked for in one step, once nothing higher was recommended for five minutes. */
export const defaultScaleDown: ScalingRules = {
  stabilizationWindowSeconds: 300,
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

export function autoscalerSpecDefaults(spec: Spec): Spec {
  const { behavior, metrics = [], ...rest } = spec;
  return {
    minReplicas: 1,
    ...rest,
    metrics: metrics.length > 0 ? metrics : [cpuMetric],
    ...(behavior && { behavior: behaviorDefaults(behavior) }),
  };
}

const cpuMetric: NonNullable<Spec["metrics"]>[number] = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: defaultCpuUtilization } },
};

/** Every rule, with what was not said as by default. */
export const behaviorDefaults = ({ scaleUp, scaleDown }: Behavior): Required<Behavior> => ({
  scaleUp: { ...defaultScaleUp, ...scaleUp },
  scaleDown: { ...defaultScaleDown, ...scaleDown },
});
