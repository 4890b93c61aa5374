// Whom a change of a config map or secret concerns beyond the nodes that have it: workloads that restart for it.

import { configReferences, type PodTemplateSpec, type Position } from "../../protocol/mod.ts";
import type { ClusterTables } from "./cluster-tables.ts";
import { configWorkloads, followsConfigs } from "./config-hash.ts";
import type { ObjectRow } from "./contract.ts";

export function configConcerns(
  cluster: ClusterTables,
  before: ObjectRow | undefined,
  after: ObjectRow | undefined,
  position: Position,
): void {
  const row = after ?? before;
  if (!row || before?.value === after?.value) return;
  const { kind, namespace, name, uid } = row.ref;
  if (after && followsConfigs(after.value)) cluster.dirty.mark("config-rollout", uid, position, "weak");
  if (kind !== "ConfigMap" && kind !== "Secret") return;
  for (const workload of configWorkloads) {
    for (const { ref, value } of cluster.objects(workload, namespace)) {
      if (!followsConfigs(value)) continue;
      const { template } = value.spec as { readonly template: PodTemplateSpec };
      const uses = configReferences(template.spec ?? { containers: [] }).some(
        (config) => config.kind === kind && config.name === name,
      );
      if (uses) cluster.dirty.mark("config-rollout", ref.uid, position, "strong");
    }
  }
}
