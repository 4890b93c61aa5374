// What a pod's claims ask of its node. The scheduler asks before it chooses, `decide` again as it binds.

import type { NodeName, Uid } from "../../protocol/mod.ts";
import { controllerOf } from "../cluster/controlling.ts";
import type { ClusterState, NodeRow, ObjectRow, PodRow } from "../cluster/contract.ts";
import { isFinished } from "../cluster/node-table.ts";
import { claimState } from "./claim-state.ts";
import { type ClaimUse, claimUsesOf } from "./pod-claims.ts";
import {
  claimSpecOf,
  claimStatusOf,
  classNameOf,
  storageClassNamed,
  volumeSpecOf,
  waitsForConsumer,
} from "./specs.ts";
import { isReachable, type VolumeNodes, volumeNodes } from "./volume-nodes.ts";

export type StorageSnapshot = Pick<ClusterState, "object" | "podsUsingClaim" | "freeVolumes">;

/** What was given away before, as far as needs depend on it. */
interface Planned {
  nodeOf(claim: Uid): NodeName | undefined;
  userOf(claim: Uid): NodeName | undefined;
}

/** A claim whose data is on certain nodes. */
export interface PlacedClaim {
  readonly claim: string;
  readonly nodes: VolumeNodes;
}

export interface VolumeNeeds {
  /** Pods of one group whose keys are the same ask the same of each node. */
  readonly key: string;
  /** Why no node will do, in Kubernetes' words. */
  readonly refused?: string;
  readonly placed: readonly PlacedClaim[];
  /** Their volumes are chosen or made where the pod goes. */
  readonly undecided: readonly ObjectRow[];
  /** Where one pod goes changes what another one needs that has a claim in common with it. */
  readonly binds: boolean;
  readonly claims: readonly Uid[];
}

/** Undefined for a pod that uses no claims. */
export function volumeNeedsOf(
  snapshot: StorageSnapshot,
  planned: Planned,
  pod: PodRow,
): VolumeNeeds | undefined {
  const uses = claimUsesOf(pod);
  if (uses.length === 0) return undefined;
  const placed: PlacedClaim[] = [];
  const undecided: ObjectRow[] = [];
  const claims: Uid[] = [];
  let binds = false;
  for (const use of uses) {
    const claim = snapshot.object("PersistentVolumeClaim", pod.ref.namespace, use.claim);
    const refused = refusalOf(pod, use, claim) ?? exclusiveRefusal(snapshot, planned, pod, claim);
    if (refused !== undefined || !claim) return refusedNeeds(refused ?? notFound(use));
    claims.push(claim.ref.uid);
    const place = placeOf(snapshot, planned, claim);
    if (place === "wait") return refusedNeeds("pod has unbound immediate PersistentVolumeClaims");
    if (place === "undecided") {
      undecided.push(claim);
      binds = true;
    } else if (place.type !== "anywhere") placed.push({ claim: use.claim, nodes: place });
    const holder = exclusiveNode(snapshot, planned, pod, claim);
    if (holder !== undefined) {
      placed.push({ claim: use.claim, nodes: { type: "names", names: [holder] } });
    } else if (sharing(claim) !== "nodes" && place !== "undecided" && place.type !== "names") binds = true;
    if (sharing(claim) === "pod") binds = true;
  }
  const key = [...placed.map(placeKey), ...undecided.map(requestKey)].join(";");
  return { key, placed, undecided, binds, claims };
}

const notFound = ({ claim }: ClaimUse): string => `persistentvolumeclaim "${claim}" not found`;

const refusedNeeds = (refused: string): VolumeNeeds => ({
  key: refused,
  refused,
  placed: [],
  undecided: [],
  binds: false,
  claims: [],
});

function refusalOf(pod: PodRow, use: ClaimUse, claim: ObjectRow | undefined): string | undefined {
  if (!claim) return notFound(use);
  const { name, namespace = "" } = claim.ref;
  if (use.ephemeral && controllerOf(claim.value.metadata.ownerReferences) !== pod.ref.uid) {
    return `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.ref.name} (pod is not owner)`;
  }
  if (claim.deletion) return `persistentvolumeclaim "${name}" is being deleted`;
  if (claimStatusOf(claim).phase === "Lost") {
    const { volumeName = "" } = claimSpecOf(claim.value);
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeName}"`;
  }
  return undefined;
}

function placeOf(
  snapshot: StorageSnapshot,
  planned: Planned,
  claim: ObjectRow,
): VolumeNodes | "wait" | "undecided" {
  const state = claimState(snapshot, claim);
  if (state.type === "bound") return volumeNodes(volumeSpecOf(state.volume.value));
  if (state.type !== "unbound") return "wait";
  const node = planned.nodeOf(claim.ref.uid);
  if (node !== undefined) return { type: "names", names: [node] };
  const storageClass = storageClassNamed(snapshot, classNameOf(claimSpecOf(claim.value)));
  return waitsForConsumer(storageClass) ? "undecided" : "wait";
}

/** How many may have the claim's volume at the same time. */
function sharing(claim: ObjectRow): "pod" | "node" | "nodes" {
  const { accessModes = [] } = claimSpecOf(claim.value);
  if (accessModes.includes("ReadWriteOncePod")) return "pod";
  return accessModes.every((mode) => mode === "ReadWriteOnce") ? "node" : "nodes";
}

/** The node of a pod that has the claim now. */
function holderOf(
  snapshot: StorageSnapshot,
  planned: Planned,
  pod: PodRow,
  { ref }: ObjectRow,
): NodeName | undefined {
  for (const other of snapshot.podsUsingClaim(ref.namespace ?? "", ref.name)) {
    if (other.ref.uid !== pod.ref.uid && other.node !== undefined && !isFinished(other)) return other.node;
  }
  return planned.userOf(ref.uid);
}

function exclusiveRefusal(
  snapshot: StorageSnapshot,
  planned: Planned,
  pod: PodRow,
  claim: ObjectRow | undefined,
): string | undefined {
  if (!claim || sharing(claim) !== "pod" || holderOf(snapshot, planned, pod, claim) === undefined) {
    return undefined;
  }
  return "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
}

const exclusiveNode = (
  snapshot: StorageSnapshot,
  planned: Planned,
  pod: PodRow,
  claim: ObjectRow,
): NodeName | undefined => (sharing(claim) === "node" ? holderOf(snapshot, planned, pod, claim) : undefined);

function placeKey({ claim, nodes }: PlacedClaim): string {
  if (nodes.type === "names") return `on ${nodes.names.join()}`;
  return nodes.type === "label" ? `${nodes.key}=${nodes.values.join()}` : `as ${claim}`;
}

function requestKey({ value }: ObjectRow): string {
  const { volumeName: _volume, ...asked } = claimSpecOf(value);
  return JSON.stringify(asked);
}

/** Whether the data of every placed claim can be reached from the node. */
export const reachesAll = (node: NodeRow, placed: readonly PlacedClaim[]): boolean =>
  placed.every(({ nodes }) => isReachable(nodes, node));
