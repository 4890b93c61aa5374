// What Kubernetes fills in for jobs, cron jobs and stateful sets
// (source: k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go and apps/v1/defaults.go).

import { claimSpecDefaults } from "./defaults-storage.ts";
import type { CronJob, Job, PodTemplateSpec, StatefulSet } from "./object.ts";

type JobSpec = NonNullable<Job["spec"]>;
type CronJobSpec = NonNullable<CronJob["spec"]>;
type StatefulSetSpec = NonNullable<StatefulSet["spec"]>;
type WithDefaults = (template: PodTemplateSpec) => PodTemplateSpec;

export const defaultBackoffLimit = 6;
/** With a limit per index the job's own is out of reach unless it is asked for. */
const noBackoffLimit = 2 ** 31 - 1;

/** A job with a number of workers and none of completions is a work queue: it ends when one of them succeeds. */
export function jobSpecDefaults(spec: JobSpec, template: WithDefaults): JobSpec {
  const single = spec.completions === undefined && spec.parallelism === undefined;
  const { podFailurePolicy } = spec;
  return {
    parallelism: 1,
    ...(single && { completions: 1 }),
    backoffLimit: spec.backoffLimitPerIndex === undefined ? defaultBackoffLimit : noBackoffLimit,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: podFailurePolicy ? "Failed" : "TerminatingOrFailed",
    ...spec,
    ...(podFailurePolicy && { podFailurePolicy: policyDefaults(podFailurePolicy) }),
    template: template(spec.template),
  };
}

type PodFailurePolicy = NonNullable<JobSpec["podFailurePolicy"]>;
const policyDefaults = ({ rules }: PodFailurePolicy): PodFailurePolicy => ({
  rules: rules.map(({ onPodConditions, ...rule }) => ({
    ...rule,
    ...(onPodConditions && {
      onPodConditions: onPodConditions.map((pattern) => ({ status: "True", ...pattern })),
    }),
  })),
});

export const cronJobSpecDefaults = (spec: CronJobSpec, template: WithDefaults): CronJobSpec => ({
  concurrencyPolicy: "Allow",
  suspend: false,
  successfulJobsHistoryLimit: 3,
  failedJobsHistoryLimit: 1,
  ...spec,
  jobTemplate: {
    ...spec.jobTemplate,
    ...(spec.jobTemplate.spec && { spec: jobSpecDefaults(spec.jobTemplate.spec, template) }),
  },
});

export function statefulSetSpecDefaults(spec: StatefulSetSpec, template: WithDefaults): StatefulSetSpec {
  const { type = "RollingUpdate", rollingUpdate } = spec.updateStrategy ?? {};
  const rolling = type === "RollingUpdate" && { rollingUpdate: { partition: 0, ...rollingUpdate } };
  return {
    replicas: 1,
    podManagementPolicy: "OrderedReady",
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    ...spec,
    ...(spec.volumeClaimTemplates && {
      volumeClaimTemplates: spec.volumeClaimTemplates.map((claim) =>
        claim.spec ? { ...claim, spec: claimSpecDefaults(claim.spec) } : claim,
      ),
    }),
    updateStrategy: { type, ...(type === "OnDelete" && rollingUpdate && { rollingUpdate }), ...rolling },
    template: template(spec.template),
  };
}
