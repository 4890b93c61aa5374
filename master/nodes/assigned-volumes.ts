// Where the data of a pod's claims is, as its node is told: from the claim to its volume to the source.

import { type AssignedVolume, hasData, type VolumeSource } from "../../protocol/mod.ts";
import type { ClusterState, ObjectRow, PodRow } from "../cluster/contract.ts";
import { claimState, claimUsesOf, isEngineVolume, isLocalDirectory, volumeSpecOf } from "../storage/mod.ts";

/** Undefined for a pod that uses no claims. */
export function assignedVolumes(state: ClusterState, row: PodRow): readonly AssignedVolume[] | undefined {
  const uses = claimUsesOf(row);
  if (uses.length === 0) return undefined;
  return uses.flatMap(({ volume: name, claim: claimName, readOnly }): readonly AssignedVolume[] => {
    const claim = state.object("PersistentVolumeClaim", row.ref.namespace, claimName);
    const standing = claim && claimState(state, claim);
    const source = standing?.type === "bound" ? sourceOf(standing.volume) : undefined;
    if (!source || standing?.type !== "bound") return [];
    const always = volumeSpecOf(standing.volume.value).csi?.readOnly === true;
    return [{ name, source, ...((readOnly || always) && { readOnly: true }) }];
  });
}

const defaultDriver = "local";
const driverParameter = "driver";

/** Undefined for a source that no node can give, as a block device. */
export function sourceOf({ value }: ObjectRow): VolumeSource | undefined {
  const spec = volumeSpecOf(value);
  if (spec.volumeMode === "Block") return undefined;
  const { local, hostPath, csi } = spec;
  if (local) return { type: "path", path: local.path, pathType: "Directory" };
  if (hostPath) return { type: "path", path: hostPath.path, pathType: hostPath.type ?? "" };
  if (!csi) return undefined;
  const handle = csi.volumeHandle;
  const begun = value.metadata.annotations?.[hasData] !== undefined;
  if (isLocalDirectory(spec)) return { type: "directory", handle, begun };
  if (!isEngineVolume(spec)) return undefined;
  const { [driverParameter]: driver = defaultDriver, ...options } = csi.volumeAttributes ?? {};
  return { type: "engine", handle, driver, options, begun };
}
