// Claims and their data: a pod is where its data is, nobody is given another's volume, nothing starts without the data
// that it had, and what was deleted is gone from every disk.

import type { PersistentVolume, Positioned } from "../../../protocol/mod.ts";
import { isOn, volumesOf } from "../excuses.ts";
import { type Invariant, type MakeInvariant, must } from "./invariant.ts";

type VolumeSpec = NonNullable<PersistentVolume["spec"]>;

export const claimsKeepTheirData: MakeInvariant = (cluster): Invariant => {
  const name = "claims keep their data";
  const { state } = cluster.oracle;
  return {
    name,
    before(event) {
      if (event.type === "PodBound") checkPlace(event);
      if (event.type === "ObjectUpdated" && event.object.kind === "PersistentVolume") checkHolder(event);
      if (event.type === "ObjectDeleted" && event.object.kind === "PersistentVolume") checkReleased(event);
    },
    runtimeCall(node, call) {
      if (call.type !== "start") return;
      const pod = state.pod(call.container.pod.uid);
      if (!pod) return;
      for (const { ref } of volumesOf(state, pod)) {
        must(
          node.claims.has(ref.name),
          name,
          () => `${pod.ref.name} starts on ${node.name} without ${ref.name}`,
        );
      }
    },
    checkpoint(moment) {
      if (moment !== "settled") return;
      for (const node of cluster.nodes) {
        // Of two machines with one name only one is told what to delete.
        if (cluster.isDoubled(node)) continue;
        for (const volume of node.claims) {
          const known = state.object("PersistentVolume", undefined, volume);
          must(known !== undefined, name, () => `${volume} is on the disk of ${node.name} for nobody`);
        }
      }
    },
  };

  function checkPlace(event: Extract<Positioned, { readonly type: "PodBound" }>): void {
    const pod = state.pod(event.object.uid);
    for (const volume of pod ? volumesOf(state, pod) : []) {
      const what = `${event.object.name} is bound to ${event.node}`;
      must(isOn(volume, event.node), name, () => `${what}, and its data ${volume.ref.name} is not there`);
    }
  }

  function checkHolder(event: Extract<Positioned, { readonly type: "ObjectUpdated" }>): void {
    const before = holderOf(state.objectByUid(event.object.uid)?.value.spec);
    const after = holderOf(event.value.spec);
    must(before === after, name, () => `${event.object.name} was ${before}'s and is ${after}'s`);
  }

  function checkReleased({ object }: Positioned & { readonly type: "ObjectDeleted" }): void {
    const { claimRef } = (state.objectByUid(object.uid)?.value.spec ?? {}) as VolumeSpec;
    const claim = state.object("PersistentVolumeClaim", claimRef?.namespace, claimRef?.name ?? "");
    must(claim?.ref.uid !== claimRef?.uid, name, () => `${object.name} goes while its claim is there`);
  }
};

const holderOf = (spec: unknown): string | undefined => (spec as VolumeSpec | undefined)?.claimRef?.uid;
