// The control loops: level-triggered, pure, one file each.

import type { ControllerName, Reconcile } from "../cluster/mod.ts";
import { reconcileConfigRollout } from "./config-rollout.ts";
import { reconcileClaim } from "./claim.ts";
import { reconcileCronJob } from "./cron-job.ts";
import { reconcileDaemonSet } from "./daemon-set.ts";
import { reconcileDeployment } from "./deployment.ts";
import { reconcileDisruption } from "./disruption.ts";
import { reconcileEndpoints } from "./endpoints.ts";
import { reconcileGarbage } from "./garbage.ts";
import { reconcileJob } from "./job.ts";
import { reconcileNamespace } from "./namespace.ts";
import { reconcileNodePods } from "./node-pods.ts";
import { reconcilePodClaims } from "./pod-claims.ts";
import { reconcileReplication } from "./replication.ts";
import { reconcileStatefulSet } from "./stateful-set.ts";
import { reconcileTermination } from "./termination.ts";
import { reconcileVolume } from "./volume.ts";

export const controllers: Readonly<Record<ControllerName, Reconcile>> = {
  replication: reconcileReplication,
  deployment: reconcileDeployment,
  "daemon-set": reconcileDaemonSet,
  "stateful-set": reconcileStatefulSet,
  job: reconcileJob,
  "cron-job": reconcileCronJob,
  "config-rollout": reconcileConfigRollout,
  endpoints: reconcileEndpoints,
  termination: reconcileTermination,
  "node-pods": reconcileNodePods,
  disruption: reconcileDisruption,
  garbage: reconcileGarbage,
  namespace: reconcileNamespace,
  claim: reconcileClaim,
  volume: reconcileVolume,
  "pod-claims": reconcilePodClaims,
};
