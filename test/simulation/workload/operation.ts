// What users do, as data: a plan holds these, a shrunk one fewer of them. Objects stand in them as they are sent, so
// that a kept plan stays what it was when manifests are drawn in another way.

import type { ApiObject, KindName } from "../../../protocol/mod.ts";
import type { RolloutKind, ScalableKind } from "../../../client/mod.ts";

/** Kinds that users apply, change and delete; each has a file in kinds/. */
export type WorkloadKind = Extract<
  KindName,
  | "ReplicationController"
  | "ReplicaSet"
  | "Deployment"
  | "DaemonSet"
  | "StatefulSet"
  | "Job"
  | "CronJob"
  | "PodDisruptionBudget"
  | "ConfigMap"
  | "Secret"
  | "HorizontalPodAutoscaler"
  | "PriorityClass"
>;

export interface PodShape {
  readonly cpuMilli: number;
  readonly graceSeconds: number;
  readonly image: string;
  readonly zone?: string;
  readonly toleratesSpot?: boolean;
  readonly hostPort?: number;
  readonly restartPolicy?: "Never" | "OnFailure";
  readonly priorityClassName?: string;
  /** Has all of a config map or a secret in its environment. */
  readonly config?: {
    readonly kind: "ConfigMap" | "Secret";
    readonly name: string;
    readonly optional: boolean;
  };
}

export type MergePatch = Readonly<Record<string, unknown>>;

export type Operation =
  | { readonly do: "apply" | "create"; readonly object: ApiObject }
  /** A merge patch of one object. */
  | {
      readonly do: "edit";
      readonly kind: WorkloadKind;
      readonly namespace: string;
      readonly name: string;
      readonly patch: MergePatch;
    }
  | {
      readonly do: "scale";
      readonly kind: ScalableKind;
      readonly namespace: string;
      readonly name: string;
      readonly replicas: number;
    }
  /** Back to the revision before the present one. */
  | {
      readonly do: "undo";
      readonly kind: RolloutKind;
      readonly namespace: string;
      readonly name: string;
    }
  | {
      readonly do: "delete";
      readonly kind: WorkloadKind | "Service" | "Pod" | "Namespace";
      readonly namespace: string;
      readonly name: string;
      readonly graceSeconds?: number;
      readonly propagation?: "Foreground" | "Background" | "Orphan";
    }
  /** Some pod that is there, chosen by `pick` in [0, 1). */
  | {
      readonly do: "delete-some-pod" | "evict-some-pod" | "relabel-some-pod";
      readonly pick: number;
      readonly graceSeconds?: number;
    }
  | { readonly do: "cordon" | "uncordon"; readonly node: string }
  | { readonly do: "drain"; readonly node: string }
  | { readonly do: "taint"; readonly node: string; readonly effect: "NoSchedule" | "NoExecute" | "none" }
  | {
      readonly do: "list";
      readonly kind: "Pod" | WorkloadKind | "Service" | "Node";
      readonly stale: boolean;
      /** By someone who has seen nothing yet: must see everything that anyone was told. */
      readonly newcomer?: boolean;
    }
  /** What autoscalers of a namespace follow. */
  | { readonly do: "publish-metric"; readonly namespace: string; readonly value: number }
  | { readonly do: "status" | "why-some-pod" | "events" }
  | { readonly do: "nonsense"; readonly roll: number };

export interface Command {
  readonly at: number;
  readonly user: number;
  readonly operation: Operation;
}
