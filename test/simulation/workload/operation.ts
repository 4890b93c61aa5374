// What users do, as data: a plan holds these, a shrunk one fewer of them.

export type WorkloadKind = "ReplicationController" | "ReplicaSet";

export interface PodShape {
  readonly cpuMilli: number;
  readonly graceSeconds: number;
  readonly version: number;
  readonly zone?: string;
  readonly toleratesSpot?: boolean;
  readonly hostPort?: number;
  readonly job?: boolean;
}

export type Operation =
  | {
      readonly do: "apply-workload";
      readonly kind: WorkloadKind;
      readonly namespace: string;
      readonly name: string;
      readonly replicas: number;
      readonly pod: PodShape;
    }
  | {
      readonly do: "scale";
      readonly kind: WorkloadKind;
      readonly namespace: string;
      readonly name: string;
      readonly replicas: number;
    }
  | {
      readonly do: "create-pod" | "apply-pod";
      readonly namespace: string;
      readonly name: string;
      readonly app: string;
      readonly pod: PodShape;
    }
  | {
      readonly do: "apply-service";
      readonly namespace: string;
      readonly name: string;
      readonly app: string;
      readonly port: number;
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
  | { readonly do: "create-namespace"; readonly name: string }
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
  | { readonly do: "status" | "why-some-pod" | "events" }
  | { readonly do: "nonsense"; readonly roll: number };

export interface Command {
  readonly at: number;
  readonly user: number;
  readonly operation: Operation;
}
