// What of an application is not as wanted yet: workloads without their pods, claims without a volume, services that lead
// to no pod.

import type { BerthClient, KindName, Stored } from "../../client/mod.ts";

/** `Kind namespace/name` of each, in order. */
export async function unready(
  client: BerthClient,
  namespaces: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(namespaces.map((namespace) => unreadyIn(client, namespace)));
  return found.flat().toSorted();
}

async function unreadyIn(client: BerthClient, namespace: string): Promise<readonly string[]> {
  const of = async <K extends KindName>(
    kind: K,
    unfinished: (object: Stored<K>) => boolean,
  ): Promise<readonly string[]> => {
    const objects = await client.list(kind, { namespace });
    return objects.filter(unfinished).map(({ metadata }) => `${kind} ${namespace}/${metadata.name ?? ""}`);
  };
  const short = ({ spec, status }: { spec?: { replicas?: number }; status?: { readyReplicas?: number } }) =>
    (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1);
  const leading = new Set(
    (await client.list("Endpoints", { namespace }))
      .filter(({ subsets }) => subsets?.some(({ addresses }) => (addresses ?? []).length > 0))
      .map(({ metadata }) => metadata.name),
  );
  const found = await Promise.all([
    of("Deployment", short),
    of("StatefulSet", short),
    of("ReplicationController", short),
    of("DaemonSet", ({ status }) => {
      const { observedGeneration, numberReady = 0, desiredNumberScheduled = 0 } = status ?? {};
      return observedGeneration === undefined || numberReady < desiredNumberScheduled;
    }),
    of("Job", ({ spec, status }) => (status?.succeeded ?? 0) < (spec?.completions ?? 1)),
    of("Pod", ({ metadata, status }) => {
      const ready = status?.conditions?.some((each) => each.type === "Ready" && each.status === "True");
      return (metadata.ownerReferences ?? []).length === 0 && ready !== true;
    }),
    of("PersistentVolumeClaim", ({ status }) => status?.phase !== "Bound"),
    of("Service", ({ metadata, spec }) => spec?.selector !== undefined && !leading.has(metadata.name)),
  ]);
  return found.flat();
}
