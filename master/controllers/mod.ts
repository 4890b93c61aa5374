// The control loops: level-triggered, pure, one file each.

import type { ControllerName, Reconcile } from "../cluster/mod.ts";
import { reconcileEndpoints } from "./endpoints.ts";
import { reconcileGarbage } from "./garbage.ts";
import { reconcileNamespace } from "./namespace.ts";
import { reconcileNodePods } from "./node-pods.ts";
import { reconcileReplication } from "./replication.ts";
import { reconcileTermination } from "./termination.ts";

export const controllers: Readonly<Record<ControllerName, Reconcile>> = {
  replication: reconcileReplication,
  endpoints: reconcileEndpoints,
  termination: reconcileTermination,
  "node-pods": reconcileNodePods,
  garbage: reconcileGarbage,
  namespace: reconcileNamespace,
};
