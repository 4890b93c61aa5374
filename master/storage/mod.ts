// Persistent storage: which volume suits which claim, and which nodes a pod's claims leave it. Pure.
export { claimState, isKeptFor } from "./claim-state.ts";
export { bestVolume, mismatch } from "./match-volume.ts";
export { PlannedStorage } from "./planned-storage.ts";
export { type ClaimUse, claimUsesOf, usesClaims } from "./pod-claims.ts";
export {
  claimReference,
  provisionedVolume,
  provisionObstacle,
  provisionsOn,
} from "./provision.ts";
export * from "./specs.ts";
export { homeOf, type VolumeNodes } from "./volume-nodes.ts";
export { type PlacedClaim, reachesAll, type VolumeNeeds, volumeNeedsOf } from "./volume-needs.ts";
