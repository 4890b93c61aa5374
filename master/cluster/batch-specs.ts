// Typed views of jobs, cron jobs and stateful sets, and the names of what marks their pods.
// Values were validated before they were stored, so these never check again.

import type { ApiObject, CronJob, Job, StatefulSet } from "../../protocol/mod.ts";
import type { ObjectRow, PodRow } from "./contract.ts";

export type JobSpec = NonNullable<Job["spec"]>;
export type CronJobSpec = NonNullable<CronJob["spec"]>;
export type CronJobStatus = NonNullable<CronJob["status"]> & {
  /** The last run that was due and did not start, and why: schedules go on after it. */
  readonly skipped?: { readonly time: string; readonly reason: "TooLate" | "JobAlreadyActive" };
};
export type StatefulSetSpec = NonNullable<StatefulSet["spec"]>;
export type StatefulSetStatus = Partial<NonNullable<StatefulSet["status"]>>;

/** Kubernetes' status of a job, and how long its next pods are held back. */
export type JobStatus = NonNullable<Job["status"]> & {
  readonly backOff?: {
    /** Pods that failed since one succeeded last. */
    readonly failures: number;
    /** No pod is made before this time. */
    readonly until: string;
  };
  /** The same for single indexes, where each has a limit of its own: failures that count, tries that failed. */
  readonly indexBackOff?: Readonly<
    Record<string, { readonly failures: number; readonly tries: number; readonly until?: string }>
  >;
};
type Condition = NonNullable<JobStatus["conditions"]>[number];

export const jobSpecOf = (value: ApiObject): JobSpec => (value.spec ?? { template: {} }) as JobSpec;
export const jobStatusOf = ({ status }: ObjectRow): JobStatus => status as JobStatus;
export const cronJobSpecOf = (value: ApiObject): CronJobSpec =>
  (value.spec ?? { schedule: "", jobTemplate: {} }) as CronJobSpec;
export const cronJobStatusOf = ({ status }: ObjectRow): CronJobStatus => status as CronJobStatus;
export const statefulSetSpecOf = (value: ApiObject): StatefulSetSpec =>
  (value.spec ?? { selector: {}, template: {} }) as StatefulSetSpec;
export const statefulSetStatusOf = ({ status }: ObjectRow): StatefulSetStatus => status as StatefulSetStatus;

/** Holds a job's pod until the job has counted it. */
export const jobFinalizer = "batch.kubernetes.io/job-tracking";
/** Annotation and label: the index of a pod of an indexed job. */
export const completionIndexKey = "batch.kubernetes.io/job-completion-index";
/** Annotation of a pod of an indexed job with a limit per index: how often its index has failed before it. */
export const indexFailureCountKey = "batch.kubernetes.io/job-index-failure-count";
export const podIndexLabel = "apps.kubernetes.io/pod-index";
export const revisionHashLabel = "controller-revision-hash";

export const isTracked = ({ metadata }: PodRow): boolean =>
  metadata.finalizers?.includes(jobFinalizer) ?? false;

/** What ends the job is decided, and its pods are on their way out: SuccessCriteriaMet or FailureTarget. */
export const targetCondition = ({ conditions }: JobStatus): Condition | undefined =>
  conditions?.find(
    ({ type, status }) => (type === "SuccessCriteriaMet" || type === "FailureTarget") && status === "True",
  );

const builtInController = "kubernetes.io/job-controller";
/** Somebody else looks after it. */
export const isManagedElsewhere = ({ managedBy = builtInController }: JobSpec): boolean =>
  managedBy !== builtInController;

/** The condition that ended the job: Complete or Failed. */
export const finalCondition = ({ conditions }: JobStatus): Condition | undefined =>
  conditions?.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True");
