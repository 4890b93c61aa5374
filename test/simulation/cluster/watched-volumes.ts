// Between an agent and the volumes of its host: tells the invariants what stands in files that show config maps and
// secrets. A file tree is put in place whole, so one call is one version of it.

import type { PodVolumes } from "../../../node-agent/volumes/pod-volumes.ts";
import type { SimProcess } from "../engine/process.ts";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

export function watchVolumes(
  cluster: SimCluster,
  { node, process }: { readonly node: SimNode; readonly process: SimProcess },
  volumes: PodVolumes,
): PodVolumes {
  return {
    ...volumes,
    prepare: (uid, pod, filesOf) =>
      process.call(async () => {
        const prepared = await volumes.prepare(uid, pod, filesOf);
        if (!prepared.ok || !filesOf) return prepared;
        for (const volume of pod.spec?.volumes ?? []) {
          if (!volume.configMap && !volume.secret) continue;
          const files = filesOf(volume);
          if (files.ok)
            cluster.onFiles(node, uid, new Map(files.value.map(({ path, data }) => [path, text(data)])));
        }
        return prepared;
      }),
  };
}

const text = (data: Uint8Array): string => Buffer.from(data).toString("utf8");
