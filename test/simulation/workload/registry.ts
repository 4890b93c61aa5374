// Kinds of controllers that users work with. A later kind joins by a name here, its manifest in manifests.ts, and
// what it owes in the end in ../liveness.ts.

import type { WorkloadKind } from "./operation.ts";

export const registeredWorkloads: readonly WorkloadKind[] = ["ReplicationController", "ReplicaSet"];
